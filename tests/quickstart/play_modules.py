"""Makes the modules of deploy/year importable; made-up plans for tests."""

import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'deploy' / 'year'))
