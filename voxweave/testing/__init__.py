"""The contract kit: what every provider must keep to, as functions to call from a test.

def test_it_keeps_the_contract(tmp_path):
    check_supplier(lambda tools: Mine(Mine.Options(), tools), tmp_path)
"""

from voxweave.testing.kit import toolkit
from voxweave.testing.pictures import check_illustrator
from voxweave.testing.supplying import check_painter, check_supplier

__all__ = ["check_illustrator", "check_painter", "check_supplier", "toolkit"]
