"""The reading process: `python -m lib.sources.child`, started by `lib.sources.child.pool` alone."""

from lib.sources.child.serve import main

if __name__ == "__main__":
    raise SystemExit(main())
