namespace DiffBir.Checkpoints.Pickle;

/// <summary>The stack, marks and memo of the unpickler, and the account of the memory it may use.</summary>
internal sealed class PickleStack
{
    private const int DeepestMarks = 1000; // Python's own pickler stops near this depth of recursion
    private const int SlotBytes = 16; // a reference in a list that doubles as it grows
    private const int MemoBytes = 80; // an entry of a dictionary that doubles as it grows

    private readonly List<object> _values = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object> _memo = [];
    private long _budget = CheckpointLimits.PickleMemory;
    private int _highest;

    /// <summary>Accounts for memory before it is used.</summary>
    public void Charge(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
        {
            throw new MalformedException(
                $"its pickle needs more than the {CheckpointLimits.PickleMemory >> 20} MB that reading the names of tensors may take"
            );
        }
    }

    public void Push(object value)
    {
        if (_values.Count == _highest)
        {
            Charge(SlotBytes);
            _highest++;
        }

        _values.Add(value);
    }

    public object Pop()
    {
        var value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>The topmost value above the last mark.</summary>
    public object Peek() =>
        _values.Count > Floor
            ? _values[^1]
            : throw new MalformedException("its pickle takes a value that is not there");

    public void Mark()
    {
        if (_marks.Count == DeepestMarks)
        {
            throw new MalformedException(
                $"its pickle is nested more than {DeepestMarks} levels deep"
            );
        }

        _marks.Add(_values.Count);
    }

    /// <summary>Whether there is no value above the last mark.</summary>
    public bool IsAtMark => _values.Count == Floor;

    /// <summary>Takes away the last mark and what lies above it.</summary>
    public object[] PopToMark()
    {
        var start = MarkPosition();
        Charge(SlotBytes + ((_values.Count - start) * (long)IntPtr.Size));
        object[] items = [.. _values[start..]];
        DropToMark();
        return items;
    }

    /// <summary>Takes away the last mark and what lies above it, without keeping it.</summary>
    public void DropToMark()
    {
        var start = MarkPosition();
        _values.RemoveRange(start, _values.Count - start);
        _marks.RemoveAt(_marks.Count - 1);
    }

    public void Remember(uint key)
    {
        if (!_memo.ContainsKey(key))
        {
            Charge(MemoBytes);
        }

        _memo[key] = Peek();
    }

    /// <summary>Remembers under the next number, as protocol 4 does.</summary>
    public void RememberNext() => Remember((uint)_memo.Count);

    public void Recall(uint key) =>
        Push(
            _memo.TryGetValue(key, out var value)
                ? value
                : throw new MalformedException(
                    $"its pickle recalls value {key}, which it never stored"
                )
        );

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private int MarkPosition() =>
        _marks.Count > 0
            ? _marks[^1]
            : throw new MalformedException("its pickle closes a list that it never opened");
}
