"""For those who write models: does a model keep the laws that its results hang on?"""

from parsim.testing.check import LawBroken, check_model

__all__ = ["LawBroken", "check_model"]
