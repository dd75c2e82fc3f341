"""Runner for a checkout: ``python cli.py propose ostfold-2016``."""

from allocator.cli import main

if __name__ == "__main__":
    main()
