import numpy as np
import pytest

from nabla.checks import assert_close, assert_unchanged, raises


class TestDouble:
    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_twice_its_argument(self, submission, rng):
        for n in (2, 3):
            x = rng.standard_normal(n)
            assert_close(submission.double(x), 2 * x, tolerance=1e-12)

    @pytest.mark.claim
    def test_keeps_its_argument(self, submission, rng):
        assert_unchanged(submission.double(rng.standard_normal(3)))


class TestHalve:
    @pytest.mark.law
    @pytest.mark.weight(3)
    def test_is_half_its_argument(self, submission, rng):
        x = rng.standard_normal(4)
        assert_close(submission.halve(x), x / 2, tolerance=1e-12)

    def test_refuses_nothing(self, submission):
        with raises("ValueError"):
            submission.halve(np.zeros(0))
