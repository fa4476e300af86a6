"""One file for each program whose pictures are read: it gives `IMPORTER`, and the registry finds it by itself."""
