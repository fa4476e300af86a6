"""The model store: an index of places where models, adapters, VAEs and embeddings are on this machine.

`index` keeps the list, `scan` fills it, `find` answers by hash and by name; `header`, `recognise` and `checkpoint`
say what a file is; `singlefile`, `parts` and `lycoris` load what was found. Nothing here is imported before it is
used: the list needs neither torch nor diffusers.
"""
