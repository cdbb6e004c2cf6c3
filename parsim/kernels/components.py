"""Which things are joined, directly or over others."""

from parsim.jit import kernel


@kernel
def find(parent, i):
    """The root of i's tree; the way there is made shorter."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def join(parent, a, b):
    """Join a[j] with b[j]. A tree's root is the smallest of it, whatever the order of the pairs."""
    for j in range(a.size):
        x, y = find(parent, a[j]), find(parent, b[j])
        if x < y:
            parent[y] = x
        else:
            parent[x] = y


@kernel
def roots(parent):
    """The smallest member of each one's component."""
    for i in range(parent.size):
        parent[i] = find(parent, i)
    return parent
