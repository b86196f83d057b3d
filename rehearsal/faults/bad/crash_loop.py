"""A version that ends as soon as it is started."""

import sys

sys.exit("this version cannot start")
