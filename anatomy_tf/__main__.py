"""``python -m anatomy_tf`` is ``anatomy-tf``."""

import sys

from anatomy_tf.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
