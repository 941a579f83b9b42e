# The C++ tests: doctest binaries, one for each folder.
