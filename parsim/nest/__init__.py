"""The functions and attributes of NEST: `import parsim.nest as nest` in a script, and it runs by parsim."""

import sys

from parsim.nest import errors as NESTErrors
from parsim.nest import logic, math, random, spatial, spatial_distributions
from parsim.nest.connect import Connect
from parsim.nest.connections import Disconnect, GetConnections
from parsim.nest.create import (
    CopyModel,
    Create,
    GetDefaults,
    GetLocalNodeCollection,
    GetNodes,
    GetStatus,
    PrintNodes,
    SetDefaults,
    SetStatus,
    to_json,
)
from parsim.nest.errors import KernelException as NESTError
from parsim.nest.layer_plots import PlotLayer, PlotProbabilityParameter, PlotSources, PlotTargets
from parsim.nest.levels import VerbosityLevel
from parsim.nest.masks import CreateMask, Mask
from parsim.nest.module import NestModule
from parsim.nest.nodes import NodeCollection
from parsim.nest.parameters import CreateParameter, Parameter
from parsim.nest.places import (
    Displacement,
    Distance,
    DumpLayerConnections,
    DumpLayerNodes,
    FindCenterElement,
    FindNearestElement,
    GetPosition,
    GetSourceNodes,
    GetSourcePositions,
    GetTargetNodes,
    GetTargetPositions,
    SelectNodesByMask,
)
from parsim.nest.running import (
    Cleanup,
    ConnectionRules,
    GetKernelStatus,
    GetLocalVPs,
    Models,
    NumProcesses,
    Prepare,
    Rank,
    ResetKernel,
    Run,
    RunManager,
    SetKernelStatus,
    Simulate,
    SyncProcesses,
    get,
    get_verbosity,
    help,
    message,
    set,
    set_verbosity,
)
from parsim.nest.spec import CollocatedSynapses
from parsim.nest.synapses import SynapseCollection

__version__ = "3.10.0"
userdict: dict[str, object] = {}

sys.modules[__name__].__class__ = NestModule
