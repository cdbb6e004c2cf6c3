"""Each test begins with an empty kernel."""

import pytest

import parsim.nest as nest


@pytest.fixture(autouse=True)
def empty_kernel():
    nest.ResetKernel()
    nest.data_path = nest.data_prefix = ""
    yield
    nest.ResetKernel()
