"""The command ``anatomy-tf``, which is ``python -m anatomy_tf``, too."""

import sys


def main() -> int:
    """Run the command line and return its exit code.

    Ctrl-C while its modules are imported ends it in one line, as it does later.
    """
    try:
        from anatomy_tf.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        print("anatomy-tf: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
