"""Mistakes in selections, recordings, rules and connections."""

import os

import numpy as np

import parsim as ps
from tests.mistakes.made import (
    OTHER,
    RULES,
    Matrix,
    Mistake,
    built,
    connected,
    later,
    made,
    said,
    syn,
)

CHOICES = [
    connected("connection to a number",
              "target is 5 (int); a population or a part of one is needed, as Network.create returns it.",
              ps.AllToAll(), target="five"),
    connected("connection from a list",
              ("source is [<exc: 10 iaf_psc_alpha", "(list); a population or a part of one is needed, as "
                                                    "Network.create "
               "returns it. Join populations with +."), ps.AllToAll(), source="both"),
    connected("connection to stimuli",
              "<1 of drive> are stimuli (poisson_generator), which receive nothing. Connect them as sources; "
              "recordings "
              "are made with Network.record and Network.record_spikes.", ps.AllToAll(), target="drive"),
    connected("connection to cells of another network", f"target <10 of exc> {OTHER}", ps.AllToAll(),
              target="strange"),
    connected("connection from cells of another network", f"source <10 of exc> {OTHER}", ps.AllToAll(),
              source="strange"),
    Mistake("current into a parrot", lambda w: w.net.connect(w.dc, w.parrot, ps.AllToAll()),
            "parrot_neuron takes no current, so dc_generator cannot drive it. Drive it with spikes, or another "
            "model.",
            before=lambda w: w.__dict__.update(dc=w.net.create("dc_generator"),
                                               parrot=w.net.create("parrot_neuron"))),
    Mistake("cells and stimuli in one selection", lambda w: w.exc + w.drive,
            "<10 of exc> are cells and <1 of drive> are stimuli; cells and stimuli cannot stand in one selection."),
    Mistake("cells of two networks in one selection", lambda w: w.exc + said().inh,
            "<10 of exc> and <4 of inh> belong to different networks."),
    Mistake("one cell twice", lambda w: w.exc + w.exc[3],
            "gid 3 stands more than once in <11 of exc + exc>; name each member once."),
    Mistake("recording of stimuli", lambda w: w.net.record_spikes(w.drive),
            "<1 of drive> are stimuli, which cannot be recorded; record a parrot_neuron they drive."),
    Mistake("trace of stimuli", lambda w: w.net.record(w.drive, "rate"),
            "<1 of drive> are stimuli, which cannot be recorded; record a parrot_neuron they drive."),
    Mistake("recording of a number", lambda w: w.net.record_spikes(5),
            "cells is 5 (int); a population or a part of one is needed, as Network.create returns it."),
    Mistake("recording of cells of another network", lambda w: w.net.record_spikes(said().exc), f"<10 of exc> "
                                                                                                f"{OTHER}"),
    Mistake("unknown recordable", lambda w: w.net.record(w.exc, "V_mm"),
            "iaf_psc_alpha has no recordable 'V_mm'. Did you mean 'V_m' (membrane potential, mV)? It has: I_syn_ex, "
            "I_syn_in, Kminus, Kminus_triplet, V_m."),
    Mistake("recordable of Brian", lambda w: w.net.record(w.exc, "v"),
            "iaf_psc_alpha has no recordable 'v'. Did you mean 'V_m' (membrane potential, mV)? It has: I_syn_ex, "
            "I_syn_in, Kminus, Kminus_triplet, V_m."),
    Mistake("parameter as a recordable", lambda w: w.net.record(w.exc, "tau_m"),
            "iaf_psc_alpha has no recordable 'tau_m'. It is a parameter: read it with Simulation.get. It has: "
            "I_syn_ex, "
            "I_syn_in, Kminus, Kminus_triplet, V_m."),
    Mistake("spikes as a recordable", lambda w: w.net.record(w.exc, "spikes"),
            "iaf_psc_alpha has no recordable 'spikes'. Spikes are recorded with Network.record_spikes. It has: "
            "I_syn_ex, "
            "I_syn_in, Kminus, Kminus_triplet, V_m."),
    Mistake("two recordables", lambda w: w.net.record(w.exc, ["V_m", "I_syn_ex"]),
            "the variable to record is ['V_m', 'I_syn_ex']; one name is needed. Call record once for each."),
    Mistake("interval zero", lambda w: w.net.record(w.exc, "V_m", interval=0.0),
            "interval is 0 ms; a positive multiple of dt is needed."),
    Mistake("interval NaN", lambda w: w.net.record(w.exc, "V_m", interval=np.nan), "interval is NaN. Give a number."),
    Mistake("interval that is a list", lambda w: w.net.record(w.exc, "V_m", interval=[1.0, 2.0]),
            "interval is [1.0, 2.0]; one number in ms is needed."),
    built("interval off the grid",
          "interval 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms; use one of them or "
          "another dt.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.25)),
    built("interval below a step", "interval 0.05 ms is less than one step (dt = 0.1 ms). Use a multiple of 0.1 ms.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.05)),
    later("interval off the grid after a run",
          "interval 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms; use one of them or "
          "another dt.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.25)),
    Mistake("one file for two recordings", lambda w: w.net.record(w.exc, "V_m", to=os.path.join(w.folder, "a.h5")),
            "FOLDER/a.h5 is written by another recording; give each a file of its own.",
            before=lambda w: w.net.record_spikes(w.exc, to=os.path.join(w.folder, "a.h5"))),
    Mistake("file in no folder", lambda w: w.net.record_spikes(w.exc, to=os.path.join(w.folder, "no", "a.h5")),
            "the folder FOLDER/no does not exist; make it first."),
    Mistake("folder as a file", lambda w: w.net.record_spikes(w.exc, to=w.folder),
            "FOLDER is a folder; give the path of a file in it."),
    Mistake("number as a file", lambda w: w.net.record_spikes(w.exc, to=5), "to is 5; the path of a file is needed."),
    later("get of a number of cells",
          "cells is 0 (int); a population or a part of one is needed, as Network.create returns it.",
          lambda w: w.sim.get(0, "V_m")),
    later("get from another network",
          "<10 of exc> belongs to another network. Use what create of sim.network has returned.",
          lambda w: w.sim.get(said().exc, "V_m")),
    later("set in another network",
          "<10 of exc> belongs to another network. Use what create of sim.network has returned.",
          lambda w: w.sim.set(said().exc, V_m=-60.0)),
    later("connections to stimuli", "<1 of drive> are stimuli, which are no targets. Give them as the source.",
          lambda w: w.sim.connections(w.exc, w.drive)),
]  # fmt: skip

CONNECTIONS = [
    connected("class of a rule", "the rule is the class AllToAll; call it: AllToAll(...).", ps.AllToAll),
    connected("name of a rule",
              f"the rule is 'fixed_indegre', which is no rule. Did you mean FixedIndegree(...)? {RULES}",
                                                                                          "fixed_indegre"),
    connected("dictionary as a rule", f"the rule is {{'rule': 'all_to_all'}}, which is no rule. {RULES}",
              {"rule": "all_to_all"}),
    connected("synapse as a rule",
              "the rule is static_synapse(weight=1.0), a synapse. Write connect(source, target, rule, synapse).",
              syn(weight=1.0)),
    connected("name of a synapse",
              "the synapse is 'static_synapse', which is none. Give one such as static_synapse(weight=20.0, "
              "delay=1.5).",
              ps.AllToAll(), "static_synapse"),
    connected("weight as a synapse",
              "the synapse is 20.0, which is none. Give one such as static_synapse(weight=20.0, delay=1.5).",
              ps.AllToAll(), 20.0),
    connected("pairs of unequal sizes",
              "OneToOne joins 10 sources to 4 targets; it needs as many of one as of the other. Use AllToAll() "
              "or slice "
              "the populations.", ps.OneToOne()),
    connected("symmetric between different cells",
              "SymmetricPairwiseBernoulli needs the same cells as sources and as targets; these are <4 of exc> and "
              "<4 of inh>. Use PairwiseBernoulli.", ps.SymmetricPairwiseBernoulli(0.1), source="four"),
    connected("indegree above the population",
              "indegree is 11, but there are only 10 sources and allow_multapses is False. Use at most 10, or "
              "allow_multapses=True.", ps.FixedIndegree(11, allow_multapses=False)),
    connected("indegree above the population without the cell itself",
              "indegree is 10, but there are only 9 sources that are not the cell itself and allow_multapses is "
              "False. "
              "Use at most 9, or allow_multapses=True.",
              ps.FixedIndegree(10, allow_autapses=False, allow_multapses=False), target="exc"),
    connected("indegree with the cell itself alone",
              "FixedIndegree(indegree=1) has only the cell itself to draw from. Use allow_autapses=True or more "
              "cells.",
              ps.FixedIndegree(1, allow_autapses=False), source="one", target="one"),
    connected("indegree from nobody", "FixedIndegree(indegree=1) has no sources to draw from: the selection is "
                                      "empty.",
              ps.FixedIndegree(1), source="none"),
    connected("outdegree above the population",
              "outdegree is 5, but there are only 4 targets and allow_multapses is False. Use at most 4, or "
              "allow_multapses=True.", ps.FixedOutdegree(5, allow_multapses=False)),
    connected("more connections than pairs",
              "n is 41, but there are only 40 pairs and allow_multapses is False. Use at most 40, or "
              "allow_multapses=True.", ps.FixedTotalNumber(41, allow_multapses=False)),
    made("negative indegree", "indegree is -1; it must be at least 0.", lambda: ps.FixedIndegree(-1)),
    made("fractional indegree", "indegree is 2.5; a whole number of at least 0 is needed.",
         lambda: ps.FixedIndegree(2.5)),
    made("negative outdegree", "outdegree is -1; it must be at least 0.", lambda: ps.FixedOutdegree(-1)),
    made("negative number of connections", "n is -1; it must be at least 0.", lambda: ps.FixedTotalNumber(-1)),
    made("probability above 1", "p is 1.5; a probability from 0 to 1 is needed.", lambda: ps.PairwiseBernoulli(1.5)),
    made("probability NaN", "p is nan; a probability from 0 to 1 is needed.", lambda: ps.PairwiseBernoulli(np.nan)),
    made("probability as text", "p is '0.1'; a probability from 0 to 1 is needed.",
         lambda: ps.SymmetricPairwiseBernoulli("0.1")),
    made("negative mean", "mean is -1; a number of at least 0 is needed.", lambda: ps.PairwisePoisson(-1)),
    connected("place of a source that is none",
              "sources[1] of Lists is 10; there are 10 sources, so positions from 0 to 9 are allowed (positions "
              "in the "
              "selection, not gids).", ps.Lists([0, 10], [0, 1])),
    connected("place of a target that is none",
              "targets[1] of Lists is -1; there are 4 targets, so positions from 0 to 3 are allowed (positions "
              "in the "
              "selection, not gids).", ps.Lists([0, 1], [0, -1])),
    connected("matrix larger than the population",
              ("sources[1] of Lists is 12; there are 10 sources", "positions from 0 to 9 are allowed"),
              ps.Lists(Matrix([0, 12], [0, 1], [1.0, 1.0]))),
    made("lists of unequal length",
         "Lists has sources of shape (1,) and targets of shape (2,); give two flat arrays of the same length.",
         lambda: ps.Lists([0], [0, 1])),
    made("fractional place", "sources of Lists is [0.5]; whole numbers are needed.", lambda: ps.Lists([0.5], [0])),
    made("list without targets", "Lists needs sources and targets, or a sparse matrix [source, target].",
         lambda: ps.Lists([0, 1])),
    made("NaN in a matrix", "weight of Lists is NaN (first at index 0). Give a number.",
         lambda: ps.Lists(Matrix([0], [0], [np.nan]))),
    connected("weight given twice",
              "weight is given twice: by the sparse matrix of Lists and by the synapse. Leave the synapse's out.",
              ps.Lists(Matrix([0], [0], [1.0])), syn(weight=2.0)),
    connected("weight NaN", "weight is NaN. Give a number.", ps.AllToAll(), syn(weight=np.nan)),
    connected("weight NaN in an array", "weight is NaN (first at index 12). Give a number.", ps.AllToAll(),
              syn(weight=np.where(np.arange(40) == 12, np.nan, 1.0).reshape(4, 10))),
    connected("weight infinite", "weight of static_synapse is inf; a finite number is needed.", ps.AllToAll(),
              syn(weight=np.inf)),
    connected("weight in a wrong unit", 'weight is "20 mV", a voltage; pA is needed. Write e.g. "100 pA".',
              ps.AllToAll(), syn(weight="20 mV")),
    connected("weight as text", 'weight is "a lot", which is not a number with a unit. Write e.g. "100 pA".',
              ps.AllToAll(), syn(weight="a lot")),
    Mistake("weight with a unit to models of two units",
            lambda w: w.net.connect(w.exc, w.exc + w.delta, ps.AllToAll(), syn(weight="20 pA")),
            "weight is 20 pA, but the targets take weights in pA and mV. Connect to one model at a time.",
            before=lambda w: w.__dict__.update(delta=w.net.create("iaf_psc_delta"))),
    connected("weights as [source, target]",
              "weight has shape (10, 4); AllToAll(allow_autapses=True) needs one number or an array of shape "
              "(4, 10).",
              ps.AllToAll(), syn(weight=np.ones((10, 4)))),
    connected("weights too few for an indegree",
              "weight has shape (3,); FixedIndegree(indegree=3, allow_autapses=True, allow_multapses=True) needs one "
              "number or an array of shape (4, 3).", ps.FixedIndegree(3), syn(weight=np.ones(3))),
    connected("weights for a rule that takes none",
              "weight is an array of shape (4,), but PairwiseBernoulli does not say how many connections there "
              "will be. "
              "Give a number, a distribution or a function of (source gids, target gids).", ps.PairwiseBernoulli(0.1),
              syn(weight=np.ones(4))),
    connected("weights in ragged lists", "weight is [[1], [1, 2]], whose lists differ in length.",
              ps.FixedIndegree(2),
              syn(weight=[[1], [1, 2]])),
    connected("weights by a function of one argument",
              "the function for weight cannot be called as f(source gids, target gids): too many positional "
              "arguments.",
              ps.AllToAll(), syn(weight=lambda gids: gids)),
    built("weights by a function that gives too few",
          "what the function for weight of <10 of exc> -> <4 of inh> returns has shape (3,) for 40 connections; "
          "return "
          "one number or 40 numbers.",
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(weight=lambda s, t: np.ones(3))), ps.BuildError),
    built("weights by a function that gives NaN",
          "what the function for weight of <10 of exc> -> <4 of inh> returns is NaN (first at index 0). Give a "
          "number.",
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(weight=lambda s, t: s * np.nan)), ps.BuildError),
]  # fmt: skip
