using System.Diagnostics.CodeAnalysis;

namespace DiffBir.Server.Jobs;

/// <summary>
/// A queue in which those of the same level take turns: addresses, and at each address its clients. One with a hundred items
/// delays the others by one item at a time.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class FairQueue<T>
    where T : notnull
{
    private readonly LinkedList<(string Key, FairQueue<T> Line)> _turns = new(); // the first is next
    private readonly Queue<T> _items = new(); // where the path ends

    /// <summary>All items.</summary>
    public int Count => _items.Count + _turns.Sum(turn => turn.Line.Count);

    /// <summary>The items of one key of the first level.</summary>
    public int CountOf(string key) => _turns.Where(turn => turn.Key == key).Sum(turn => turn.Line.Count);

    /// <summary>Adds an item behind the others of its path.</summary>
    /// <param name="item">The item.</param>
    /// <param name="path">Whose it is, from the first level to the last.</param>
    public void Add(T item, params ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            _items.Enqueue(item);
            return;
        }

        foreach (var (key, line) in _turns)
        {
            if (key == path[0])
            {
                line.Add(item, path[1..]);
                return;
            }
        }

        var added = new FairQueue<T>();
        added.Add(item, path[1..]);
        _turns.AddLast((path[0], added));
    }

    /// <summary>The next item; it stays.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T item) =>
        _turns.First is { } first ? first.Value.Line.TryPeek(out item) : _items.TryPeek(out item);

    /// <summary>Takes the next item; the others of its path wait for a turn of everybody else.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        if (_turns.First is not { } first)
        {
            return _items.TryDequeue(out item);
        }

        var isTaken = first.Value.Line.TryTake(out item);
        _turns.RemoveFirst();
        if (first.Value.Line.Count > 0)
        {
            _turns.AddLast(first);
        }

        return isTaken;
    }

    /// <summary>Takes an item out of the middle.</summary>
    public bool Remove(T item)
    {
        for (var node = _turns.First; node is not null; node = node.Next)
        {
            if (node.Value.Line.Remove(item))
            {
                if (node.Value.Line.Count == 0)
                {
                    _turns.Remove(node);
                }

                return true;
            }
        }

        var rest = _items.Where(other => !other.Equals(item)).ToArray();
        var isFound = rest.Length < _items.Count;
        _items.Clear();
        Array.ForEach(rest, _items.Enqueue);
        return isFound;
    }

    /// <summary>The items in the order in which they would be taken.</summary>
    public IEnumerable<T> InOrder()
    {
        foreach (var item in _items)
        {
            yield return item;
        }

        var lines = new Queue<Queue<T>>(_turns.Select(turn => new Queue<T>(turn.Line.InOrder())));
        while (lines.TryDequeue(out var line))
        {
            yield return line.Dequeue();
            if (line.Count > 0)
            {
                lines.Enqueue(line);
            }
        }
    }
}
