from tests.corpus.whole.inherit import Node


def linked_list(values):
    """Builds a chain from the back and walks it with a decaying weight."""
    head = None
    for v in reversed(values):
        head = Node(v * v, head)
    total, weight = 0.0, 1.0
    node = head
    while node is not None:
        total += weight * node.value
        weight *= 0.5
        node = node.next
    return total
