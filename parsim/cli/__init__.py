"""The `parsim` command: one file a subcommand, each with `add(subparsers)` and `main(args)`."""
