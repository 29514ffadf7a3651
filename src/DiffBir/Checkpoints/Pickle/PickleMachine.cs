using System.Numerics;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>What opcodes do to the stack: each effect knows only plain values, descriptions and placeholders, and pays for its memory.</summary>
/// <param name="reader">The pickle's bytes.</param>
/// <param name="memory">How many bytes of memory everything may take.</param>
internal sealed class PickleMachine(PickleReader reader, long memory)
{
    private const int MaxTextBytes = 4096; // bytes; names of parameters have below 200
    private const int ValueBytes = 40; // a small object and its fields
    private const int ContainerBytes = 120; // a container without its items
    private const int StorageBytes = 240; // with its entry in a dictionary that doubles as it grows
    private const int NameBytes = 12; // a character of a class name, with the copies made to look it up

    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);

    public PickleStack Stack { get; } = new(memory);

    /// <summary>Every storage that the pickle refers to, by its key.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    public void Push(object value)
    {
        Stack.Charge(ValueBytes);
        Stack.Push(value);
    }

    public void PushContainer(object container)
    {
        Stack.Charge(ContainerBytes);
        Stack.Push(container);
    }

    /// <summary>A tuple of the topmost values.</summary>
    public void PushTuple(int count)
    {
        Stack.Charge(PickleStack.SlotBytes);
        var items = new object[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Stack.Pop();
        }

        PushContainer(new PickleTuple(items));
    }

    public void PushLong(uint bytes)
    {
        if (bytes > PickleTorch.LongBytes)
        {
            PushSkipped(bytes, "int");
            return;
        }

        var value = new BigInteger(reader.Take((int)bytes));
        Push(value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value);
    }

    public void PushText(ulong bytes)
    {
        if (bytes > MaxTextBytes)
        {
            PushSkipped(bytes, "str");
            return;
        }

        Stack.Charge(2 * (long)bytes);
        Push(reader.ReadText((int)bytes));
    }

    public void PushBytes(ulong bytes) => PushSkipped(bytes, "bytes");

    public void PushGlobal(string module, string name)
    {
        Stack.Charge(NameBytes * (long)(module.Length + name.Length));
        Push(PickleGlobals.Resolve(module, name));
    }

    /// <summary>A global whose module and name lie on the stack.</summary>
    public void PushStackGlobal()
    {
        if (Stack.Pop() is not string name || Stack.Pop() is not string module)
        {
            throw MalformedException.Damaged("its pickle looks up a class whose name is no text");
        }

        PushGlobal(module, name);
    }

    /// <summary>What a function or class gives for arguments, both on the stack.</summary>
    public void Reduce()
    {
        Stack.Charge(ContainerBytes);
        if (Stack.Pop() is not PickleTuple arguments)
        {
            throw MalformedException.Damaged("its pickle calls a function without a list of arguments");
        }

        var result = PickleTorch.Call(Stack.Pop(), arguments);
        if (result is PickleTensor tensor)
        {
            Stack.Charge((tensor.Shape.Length + tensor.Strides.Length) * (long)PickleStack.SlotBytes);
        }

        Stack.Push(result);
    }

    /// <summary>An instance of a class: always a placeholder.</summary>
    public void PushObject(object type) =>
        Push(
            type switch
            {
                PickleOpaque opaque => new PickleOpaque(opaque.Name),
                PickleGlobal => new PickleOpaque("object"),
                _ => throw MalformedException.Damaged("its pickle makes an object of something that is no class"),
            }
        );

    /// <summary>Takes a state away: attributes of an OrderedDict or a parameter, which hold no tensors of the network.</summary>
    public void Build()
    {
        Stack.Pop();
        if (Stack.Peek() is not (PickleOpaque or PickleDict or PickleTensor))
        {
            throw MalformedException.Damaged("its pickle gives attributes to something that has none");
        }
    }

    public void PushStorage()
    {
        Stack.Charge(StorageBytes);
        var storage = PickleTorch.Storage(Stack.Pop());
        if (!_storages.TryAdd(storage.Key, storage))
        {
            var first = _storages[storage.Key];
            if (first.Type != storage.Type || first.Count != storage.Count)
            {
                throw MalformedException.Damaged($"its pickle describes storage '{Printable.Shorten(storage.Key)}' in two ways");
            }
        }

        Stack.Push(storage);
    }

    public void Append(object[] items)
    {
        switch (Stack.Peek())
        {
            case PickleList list:
                Stack.Charge(items.Length * (long)PickleStack.SlotBytes);
                list.Items.AddRange(items);
                break;
            case PickleOpaque:
                break; // a subclass of list, which stays empty
            default:
                throw MalformedException.Damaged("its pickle appends to something that is no list");
        }
    }

    public void SetItems(object[] pairs)
    {
        if (pairs.Length % 2 != 0)
        {
            throw MalformedException.Damaged("its pickle sets an entry without a value");
        }

        switch (Stack.Peek())
        {
            case PickleDict dict:
                Stack.Charge(pairs.Length * (long)PickleStack.SlotBytes);
                for (var i = 0; i < pairs.Length; i += 2)
                {
                    if (pairs[i] is string key)
                    {
                        dict.Entries.Add(new(key, pairs[i + 1]));
                    }
                }

                break;
            case PickleOpaque:
                break; // a subclass of dict, which stays empty
            default:
                throw MalformedException.Damaged("its pickle sets entries of something that is no dictionary");
        }
    }

    /// <summary>Takes away what is added to a set; sets are placeholders.</summary>
    public void AddItems()
    {
        Stack.DropToMark();
        if (Stack.Peek() is not PickleOpaque)
        {
            throw MalformedException.Damaged("its pickle adds items to something that is no set");
        }
    }

    private void PushSkipped(ulong bytes, string kind)
    {
        reader.Skip(bytes);
        Push(new PickleOpaque(kind));
    }
}
