"""What tests.conformance.generate makes case files of: a module for each part of the format."""
