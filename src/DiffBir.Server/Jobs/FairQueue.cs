namespace DiffBir.Server.Jobs;

/// <summary>A queue in which owners take turns: one with a hundred items delays the others by one item at a time.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class FairQueue<T>
    where T : notnull
{
    private readonly LinkedList<(string Owner, Queue<T> Items)> _turns = new(); // the first is next

    /// <summary>All items.</summary>
    public int Count => _turns.Sum(turn => turn.Items.Count);

    /// <summary>The items of an owner.</summary>
    public int CountOf(string owner) => _turns.Where(turn => turn.Owner == owner).Sum(turn => turn.Items.Count);

    /// <summary>Adds an item behind its owner's others.</summary>
    public void Add(string owner, T item)
    {
        foreach (var turn in _turns)
        {
            if (turn.Owner == owner)
            {
                turn.Items.Enqueue(item);
                return;
            }
        }

        _turns.AddLast((owner, new Queue<T>([item])));
    }

    /// <summary>Takes the next item; its owner's others wait for a turn of everybody else.</summary>
    public bool TryTake(out T? item)
    {
        if (_turns.First is not { } first)
        {
            item = default;
            return false;
        }

        item = first.Value.Items.Dequeue();
        _turns.RemoveFirst();
        if (first.Value.Items.Count > 0)
        {
            _turns.AddLast(first);
        }

        return true;
    }

    /// <summary>Takes an item out of the middle.</summary>
    public bool Remove(T item)
    {
        for (var node = _turns.First; node is not null; node = node.Next)
        {
            var (owner, items) = node.Value;
            if (!items.Contains(item))
            {
                continue;
            }

            var rest = new Queue<T>(items.Where(other => !other.Equals(item)));
            if (rest.Count == 0)
            {
                _turns.Remove(node);
            }
            else
            {
                node.Value = (owner, rest);
            }

            return true;
        }

        return false;
    }

    /// <summary>The items in the order in which they would be taken.</summary>
    public IEnumerable<T> InOrder()
    {
        var rounds = _turns.Select(turn => turn.Items.Count).DefaultIfEmpty().Max();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var turn in _turns)
            {
                if (round < turn.Items.Count)
                {
                    yield return turn.Items.ElementAt(round);
                }
            }
        }
    }
}
