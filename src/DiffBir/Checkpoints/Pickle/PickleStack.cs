using System.Runtime.InteropServices;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>The stack, marks and memo of the unpickler, and the account of the memory it may use.</summary>
/// <param name="memory">How many bytes everything together may take.</param>
internal sealed class PickleStack(long memory)
{
    private const int DeepestMarks = 1000; // Python's own pickler stops near this depth of recursion
    private const int WidestMemoGap = 1; // Python 2 numbers from 1, all others from 0

    /// <summary>A reference in a list that doubles as it grows, with all lists before it.</summary>
    public const int SlotBytes = 4 * sizeof(long);

    private readonly List<object> _values = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];
    private int _remembered;
    private long _used;
    private int _highest;

    /// <summary>Accounts for memory before it is used.</summary>
    public void Charge(long bytes)
    {
        _used += bytes;
        if (_used > memory)
        {
            throw new MalformedException(
                $"its pickle needs more than the {memory >> 10} KB that reading the names of tensors may take; save the model's state_dict() alone"
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
        _values.Count > Floor ? _values[^1] : throw MalformedException.Damaged("its pickle takes a value that is not there");

    public void Mark()
    {
        if (_marks.Count == DeepestMarks)
        {
            throw MalformedException.Damaged($"its pickle is nested more than {DeepestMarks} levels deep");
        }

        _marks.Add(_values.Count);
    }

    /// <summary>Whether a mark is topmost.</summary>
    public bool IsAtMark => _marks.Count > 0 && _values.Count == Floor;

    /// <summary>Takes away the last mark and what lies above it.</summary>
    public object[] PopToMark()
    {
        var start = MarkPosition();
        Charge(SlotBytes + ((_values.Count - start) * sizeof(long)));
        var items = CollectionsMarshal.AsSpan(_values)[start..].ToArray();
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

    /// <summary>Remembers the topmost value. Numbers come one after another, in every pickler.</summary>
    public void Remember(uint key)
    {
        if (key > (uint)_memo.Count + WidestMemoGap)
        {
            throw MalformedException.Damaged($"its pickle stores value {key} after {_memo.Count} others");
        }

        while (_memo.Count <= key)
        {
            Charge(SlotBytes);
            _memo.Add(null);
        }

        _remembered += _memo[(int)key] is null ? 1 : 0;
        _memo[(int)key] = Peek();
    }

    /// <summary>Remembers under the next number, as protocol 4 does.</summary>
    public void RememberNext() => Remember((uint)_remembered);

    public void Recall(uint key) =>
        Push(
            key < (uint)_memo.Count && _memo[(int)key] is { } value
                ? value
                : throw MalformedException.Damaged($"its pickle recalls value {key}, which it never stored")
        );

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private int MarkPosition() =>
        _marks.Count > 0 ? _marks[^1] : throw MalformedException.Damaged("its pickle closes a list that it never opened");
}
