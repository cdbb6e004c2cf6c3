"""Who speaks where all ranks of a job have the same to say, before they know of each other."""

import os

_RANKS = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID")


def speaks() -> bool:
    """Is this the first process of its job, as far as the environment says?"""
    return next((os.environ[name] for name in _RANKS if os.environ.get(name)), "0") == "0"
