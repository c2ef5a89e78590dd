"""Statements of paper A that carry no number: unfolding, stability, succinctness."""

from __future__ import annotations

import numpy as np

from ltcbook.papers.equations import Array, register
from ltcbook.papers.theorems._theorem import Theorem
from ltcbook.papers.theorems.flows import euler, largest, runge_kutta

resnet, neural_ode = register["B.2"].function, register["B.5"].function
ct_rnn, nrn = register["B.7"].function, register["A.9"].function


def _network(seed: int) -> tuple[np.random.Generator, Array, Array, Array]:
    """A generator, weights w (n, n), biases b (n) and a state x (n)."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    return rng, rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)


def check_unfolding(seed: int, N: int = 10) -> float:
    """A.S1: distance of N Euler steps from N residual layers, and of their parameter counts."""
    _, w, b, x = _network(seed)
    flow = euler(lambda t, x: neural_ode(x, w, b), x, steps=N)
    layers = [x]
    for _ in range(N):
        layers.append(resnet(layers[-1], w / N, b))
    shared, unshared = w.size + b.size, N * (w.size + b.size)
    return largest(flow - np.array(layers), float(unshared - N * shared))


def counterexample_unfolding(N: int = 10) -> float:
    """Neuron 1 drives neuron 2 and nothing else: layers in the unfolding, less layers needed."""
    w, b, x = np.array([[0.0, 3.0], [0.0, 0.0]]), np.zeros(2), np.array([0.3, -0.2])
    flow = euler(lambda t, x: neural_ode(x, w, b), x, steps=N)
    needed = 1 if np.allclose(flow[-1], resnet(x, w, b), atol=1e-12) else N
    return float(N - needed)


def nrn_layer(dt: float, x: Array, w_l: Array, E_l: Array, w: Array, E: Array) -> Array:
    """Weights (n + 1, n) of the residual layer that makes one Euler step of an NRN at state x.

    The last presynaptic neuron is a constant one whose sigmoid stays at 1/2; it carries the leak.
    """
    leak = 2 * dt * w_l * (E_l - x)
    return np.vstack([dt * w * (E - x[None, :]), leak])


def unfolded_nrn(seed: int) -> tuple[Array, Array, Array, Array]:
    """A random NRN from two inputs: the Euler states (2, N + 1, n), the layers of the first
    input (N, n + 1, n), those of the second, and the thresholds (n + 1)."""
    rng, w, mu, _ = _network(seed)
    n, N = len(mu), 8
    w, E, (w_l, E_l) = np.abs(w), rng.normal(size=(n, n)), rng.uniform(0, 1, size=(2, n))
    flows = [
        euler(lambda t, x: nrn(x, w_l, E_l, w, mu, E), x0, steps=N)
        for x0 in rng.normal(size=(2, n))
    ]
    layers = [[nrn_layer(1 / N, x, w_l, E_l, w, E) for x in flow[:-1]] for flow in flows]
    return np.array(flows), np.array(layers[0]), np.array(layers[1]), np.append(mu, 0.0)


def run_layers(layers: Array, mu: Array, x: Array) -> Array:
    """Final state of the residual network with these layers, A.2, and a constant last neuron."""
    for w in layers:
        square = np.hstack([w, np.zeros((len(w), 1))])
        x = register["A.2"].function(np.append(x, 0.0), square, mu)[:-1]
    return x


def check_nrn_unfolding(seed: int) -> float:
    """A.S2: distance of an NRN's Euler steps from its residual network, for two inputs."""
    flows, first, second, mu = unfolded_nrn(seed)
    return largest(
        run_layers(first, mu, flows[0, 0]) - flows[0, -1],
        run_layers(second, mu, flows[1, 0]) - flows[1, -1],
    )


def counterexample_nrn_unfolding() -> float:
    """How far the residual network made for one input is off for another."""
    flows, first, _, mu = unfolded_nrn(3)
    return largest(run_layers(first, mu, flows[1, 0]) - flows[1, -1])


def check_stability(seed: int) -> float:
    """A.S4: by how much two trajectories of a CT-RNN come together slower than the bound."""
    rng, w, b, x = _network(seed)
    w_l = np.abs(w).sum(0) / 4 + rng.uniform(0.1, 1, size=len(b))  # by column: onto neuron i
    rate = float(np.min(w_l - np.abs(w).sum(0) / 4))
    start = np.concatenate([x, rng.normal(size=len(x))])

    def joint(t: float, both: Array) -> Array:
        return np.concatenate([ct_rnn(half, w_l, w, b) for half in np.split(both, 2)])

    states = runge_kutta(joint, start, horizon=2.0)
    apart = np.max(np.abs(states[:, : len(x)] - states[:, len(x) :]), axis=1)
    bound = apart[0] * np.exp(-rate * np.linspace(0, 2.0, len(states)))
    return largest(np.maximum(apart - bound, 0))


def counterexample_stability() -> float:
    """One neuron that excites itself, w = 10 and w_l = 1: growth of a perturbation of 1e-3."""
    one = np.ones(1)
    states = runge_kutta(
        lambda t, x: ct_rnn(x, one, np.array([[10.0]]), -5 * one), 5.001 * one, 5.0
    )
    return float((states[-1, 0] - 5) / 1e-3)


def nrn_like(w_l: Array, w: Array, b: Array, x: Array, E: float) -> Array:
    """Rate of the NRN with conductances |w|/E and reversal potentials of +E or -E."""
    zero = np.zeros_like(b)
    return nrn(x, w_l, zero, np.abs(w) / E, -b, np.sign(w) * E)


def check_special_case(seed: int) -> float:
    """A.S5: distance of an NRN with far reversal potentials from its CT-RNN, beyond the bound."""
    rng, w, b, x = _network(seed)
    w_l, E = rng.uniform(0, 1, size=len(b)), 10 ** rng.uniform(0, 6)
    gap = np.abs(nrn_like(w_l, w, b, x, E) - ct_rnn(x, w_l, w, b))
    return largest(np.maximum(gap - np.abs(w).sum(0) * np.abs(x) / E, 0))


def counterexample_special_case() -> float:
    """One synapse, reversal potential 1, state 1/2: how far the NRN is from the CT-RNN."""
    one = np.ones(1)
    args = (one, np.array([[2.0]]), 0 * one, one / 2)
    gap = nrn_like(*args, E=1.0) - ct_rnn(args[3], *args[:3])
    return largest(gap)


def check_succinctness(seed: int) -> float:
    """A.S7: error of one CT-RNN on data of its own, of any number of samples."""
    rng, w, b, _ = _network(seed)
    w_l = rng.uniform(0, 1, size=len(b))
    samples = rng.normal(size=(int(rng.integers(1, 60)), len(b)))
    wanted = [-w_l * x + w.T @ (1 / (1 + np.exp(-x - b))) for x in samples]
    return largest(np.array(wanted) - np.array([ct_rnn(x, w_l, w, b) for x in samples]))


def counterexample_succinctness(S: int = 1000, n: int = 4) -> float:
    """S samples of a CT-RNN of n neurons: S less the largest factor that any network can save."""
    parameters = n * n + 2 * n  # w, b and w_l; no network that computes something has fewer than 1
    return float(S - parameters)


UNFOLDING = Theorem(
    id="A.S1",
    title="A NeuralODE is N times more succinct than its unfolding",
    place="A §4, Neural Ordinary Differential Equations",
    chapter="unrolling",
    equations=("A.2", "A.5", "A.6"),
    printed=r"The $N$ times unfolding is still a ResNet but dramatically more succinct: it "
    r"requires only $W$ parameters instead of $W \cdot N$!",
    conditions=r"The ResNet is the unfolding itself, its layers are counted as separate "
    r"parameters, and the steps are those of explicit Euler.",
    statement=r"$N$ Euler steps of length $\Delta = T/N$ of A.5 are the $N$ layers of A.2 with "
    r"$w^t_{ji} = \Delta\, w_{ji}$ and $\mu^t_j = \mu_j$. The NeuralODE has $n^2 + n$ parameters, "
    r"the layers have $N(n^2 + n)$: the factor is $N$ exactly.",
    proof=r"One Euler step is $x_i + \Delta\sum_j w_{ji}\sigma(x_j, \mu_j)$, which is A.2 with the "
    r"weight $\Delta\, w_{ji}$. Repeat $N$ times and count. $\square$",
    counterexample_text=r"The factor compares a NeuralODE with its own unfolding, not with the "
    r"best ResNet. Let the only synapse go from neuron 1 to neuron 2. Then $x_1$ is constant, "
    r"one layer gives what $N$ give, and the factor is 1.",
    check=check_unfolding,
    counterexample=counterexample_unfolding,
)

NRN_UNFOLDING = Theorem(
    id="A.S2",
    title="For each input, an NRN unfolds to a ResNet",
    place="A §6, Neural Regulatory Networks",
    chapter="unrolling",
    equations=("A.2", "A.9"),
    printed=r"The actual weight of the synapse from neuron $j$ to neuron $i$ is "
    r"$w_{ji}(t) = w_{ji} \, d(t)\, x_i(t)$. [...] An NRN generates for every particular "
    r"input, a particular ResNet through unfolding, even though, there might be no single ResNet "
    r"that would be appropriate for all inputs.",
    conditions=r"Explicit Euler, and one more neuron that is constant, to carry the leak.",
    statement=r"From the start $x(t_0)$, Euler's states of A.9 are those of the ResNet A.2 with "
    r"$w^t_{ji} = d(t)\, w_{ji}\,(E_{ji} - x_i(t))$, and with a constant neuron 0 whose sigmoid is "
    r"$\frac{1}{2}$ and whose weights are $w^t_{0i} = 2\,d(t)\,w_{li}\,(E_{li} - x_i(t))$. These "
    r"weights depend on the input through $x(t)$.",
    proof=r"One Euler step of A.9 is $x_i + d(t)\left(w_{li}(E_{li} - x_i) + \sum_j w_{ji}"
    r"\sigma(x_j, \mu_j)(E_{ji} - x_i)\right)$. Read it as A.2, with the weights above. $\square$",
    counterexample_text=r"With the printed weight, without $E_{ji}$ and the sign, even the "
    r"direction of the current is wrong. And the layers made for one input give a wrong answer for "
    r"another. That no single ResNet serves all inputs is not shown, and cannot be: on a bounded "
    r"set some ResNet with augmenting neurons approximates the flow of an NRN as well: unfold "
    r"the NeuralODE of A.S3, part 2.",
    check=check_nrn_unfolding,
    counterexample=counterexample_nrn_unfolding,
)

STABILITY = Theorem(
    id="A.S4",
    title="When a CT-RNN forgets",
    place="A §5; B, Continuous-Time Recurrent Neural Networks, Autonomous case",
    chapter="ct_rnns",
    equations=("A.8", "B.7"),
    printed=r"The leading term brings the system back to the equilibrium state, when no input is "
    r"available. Hence, a small perturbation is forgotten, that is, the system is stable.",
    conditions=r"$w_i > \frac{1}{4}\sum_j |w_{ji}|$ for every $i$: the leak of each neuron beats "
    r"what its synapses can amplify.",
    statement=r"Let $c = \min_i\left(w_i - \frac{1}{4}\sum_j |w_{ji}|\right)$. Any two solutions "
    r"of B.7 satisfy $\max_i |x_i(t) - x'_i(t)| \leq e^{-ct} \max_i |x_i(0) - x'_i(0)|$. If "
    r"$c > 0$, there is one equilibrium, and all perturbations, small or large, are forgotten.",
    proof=r"Let $\delta = x - x'$, and let $i$ be an entry where $|\delta_i|$ is largest. Then "
    r"$\frac{d}{dt}|\delta_i| \leq -w_i|\delta_i| + \sum_j |w_{ji}|\,|\sigma(x_j + b_j) - "
    r"\sigma(x'_j + b_j)| \leq -\left(w_i - \frac{1}{4}\sum_j |w_{ji}|\right)|\delta_i| \leq "
    r"-c\,|\delta_i|$, since $\sigma' \leq \frac{1}{4}$ and $|\delta_j| \leq |\delta_i|$. So "
    r"$\max_i|\delta_i|$ decays at least as fast as $e^{-ct}$. For $c > 0$ the flow is a "
    r"contraction, and it has one fixed point. $\square$",
    counterexample_text=r"One neuron that excites itself: $\dot{x} = -x + 10\,\sigma(x - 5)$. "
    r"$x = 5$ is an equilibrium, and there the rate has the slope $-1 + \frac{10}{4} > 0$: a "
    r"perturbation grows. The neuron has two stable equilibria, and remembers.",
    check=check_stability,
    counterexample=counterexample_stability,
)

SPECIAL_CASE = Theorem(
    id="A.S5",
    title="CT-RNNs, NeuralODEs and ResNets as limits of NRNs",
    place="A §6 and Abstract",
    chapter="membrane_equation",
    equations=("A.2", "A.5", "A.8", "A.9"),
    printed=r"ResNets, (augmented) NeuralODEs, and CT-RNNs are all a particular simplification of "
    r"NRNs. (In the abstract: are particular NRNs.)",
    conditions=r"The reversal potentials go to infinity, and the conductances to zero with them.",
    statement=r"Take an NRN with $E_{li} = 0$, conductances $|w_{ji}|/E$ and reversal potentials "
    r"$\mathrm{sign}(w_{ji})\,E$. Its rate differs from that of the CT-RNN A.8 with weights "
    r"$w_{ji}$ by at most $\frac{|x_i|}{E}\sum_j|w_{ji}|$. With $w_{li} = 0$ the limit is the "
    r"NeuralODE A.5, and an Euler step of one of it is the ResNet A.2. No finite $E$ gives "
    r"equality.",
    proof=r"$\frac{|w_{ji}|}{E}\sigma\,(\mathrm{sign}(w_{ji})E - x_i) = w_{ji}\sigma - "
    r"\frac{|w_{ji}|}{E}\sigma\,x_i$, and $0 < \sigma < 1$. Sum over $j$. $\square$",
    counterexample_text=r"One neuron at $x = \frac{1}{2}$ with a self-synapse of weight 2 and "
    r"reversal potential 1: the gate halves the current.",
    check=check_special_case,
    counterexample=counterexample_special_case,
)

SUCCINCTNESS = Theorem(
    id="A.S7",
    title="The factor M",
    place="A §1, §6 and §7",
    chapter="unrolling",
    equations=("A.8", "A.9"),
    printed=r"This flexibility makes NRNs $M$ times more succinct than NeuralODEs and CT-RNNs, "
    r"where $M$ is proportional to the size of the training set. [...] A formal proof for the "
    r"bound $M$ is currently under work.",
    conditions=r"The data come from a function that some CT-RNN computes.",
    statement=r"If a CT-RNN with $P$ parameters computes the function that the samples come from, "
    r"no network is more than $P$ times as succinct, however many samples there are. So no such "
    r"$M$ grows in proportion to the size of the training set for every task.",
    proof=r"The CT-RNN fits every set of $S$ samples with $P$ parameters, and $P$ does not depend "
    r"on $S$. A network with any parameters has at least one, so that the ratio is at most $P$. "
    r"A factor proportional to $S$ passes $P$ as $S$ grows. $\square$",
    counterexample_text=r"1000 samples of a CT-RNN with 4 neurons and 24 parameters: $M = 1000$ "
    r"would leave 0.024 parameters to the NRN.",
    check=check_succinctness,
    counterexample=counterexample_succinctness,
)
