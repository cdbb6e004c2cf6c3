"""NMODL: the text of a mechanism, as NEURON has it, to a Python module of kernels."""
