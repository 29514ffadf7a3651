using System.Numerics;

namespace DiffBir.Checkpoints.Pickle;

/// <summary>
/// Runs a pickle's stack machine, but knows only tensors' descriptions, plain containers, and placeholders: no code of the file is run,
/// no object is made, however the pickle asks for it.
/// </summary>
internal sealed class Unpickler(PickleReader reader)
{
    private const int HighestProtocol = 5;
    private const int LongestText = 4096; // bytes; names of parameters have below 200
    private const int ValueBytes = 40; // a small object and its fields
    private const int ContainerBytes = 120; // a list or dictionary with its first items
    private const int ItemBytes = 32; // an entry of a container that doubles as it grows

    private readonly PickleStack _stack = new();
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>Every storage that the pickle refers to, by its key.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Reads one pickle, up to its STOP.</summary>
    public static object Read(PickleReader reader) => new Unpickler(reader).Read();

    /// <summary>Reads the pickle, up to its STOP.</summary>
    public object Read()
    {
        while (true)
        {
            var opcode = (Opcode)reader.ReadByte();
            if (opcode == Opcode.Stop)
            {
                return _stack.Pop();
            }

            if (!PushValue(opcode) && !Assemble(opcode) && !Call(opcode))
            {
                throw new MalformedException(Explain((byte)opcode));
            }
        }
    }

    private static string Explain(byte opcode) =>
        "ILFSVgpP".Contains((char)opcode)
            ? "its pickle is of the old text protocol, which torch.save does not write; save it again with PyTorch"
            : $"its pickle has the opcode 0x{opcode:x2}, which torch.save does not write";

    /// <summary>Opcodes that put a plain value on the stack, or steer the memo.</summary>
    private bool PushValue(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Protocol:
                RequireProtocol(reader.ReadByte());
                break;
            case Opcode.Frame:
                RequireFrame(reader.ReadUInt64());
                break;
            case Opcode.None:
                _stack.Push(PickleNone.Instance);
                break;
            case Opcode.NewTrue:
                Push(true);
                break;
            case Opcode.NewFalse:
                Push(false);
                break;
            case Opcode.BinInt:
                Push((long)reader.ReadInt32());
                break;
            case Opcode.BinInt1:
                Push((long)reader.ReadByte());
                break;
            case Opcode.BinInt2:
                Push((long)reader.ReadUInt16());
                break;
            case Opcode.Long1:
                PushLong(reader.ReadByte());
                break;
            case Opcode.Long4:
                PushLong(reader.ReadUInt32());
                break;
            case Opcode.BinFloat:
                Push(reader.ReadDouble());
                break;
            case Opcode.ShortBinUnicode or Opcode.ShortBinString:
                PushText(reader.ReadByte());
                break;
            case Opcode.BinUnicode or Opcode.BinString:
                PushText(reader.ReadUInt32());
                break;
            case Opcode.BinUnicode8:
                PushText(reader.ReadUInt64());
                break;
            case Opcode.ShortBinBytes:
                PushBytes(reader.ReadByte());
                break;
            case Opcode.BinBytes:
                PushBytes(reader.ReadUInt32());
                break;
            case Opcode.BinBytes8 or Opcode.ByteArray8:
                PushBytes(reader.ReadUInt64());
                break;
            case Opcode.BinGet:
                _stack.Recall(reader.ReadByte());
                break;
            case Opcode.LongBinGet:
                _stack.Recall(reader.ReadUInt32());
                break;
            case Opcode.BinPut:
                _stack.Remember(reader.ReadByte());
                break;
            case Opcode.LongBinPut:
                _stack.Remember(reader.ReadUInt32());
                break;
            case Opcode.Memoize:
                _stack.RememberNext();
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes that make and fill containers.</summary>
    private bool Assemble(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Mark:
                _stack.Mark();
                break;
            case Opcode.Pop when _stack.IsAtMark:
            case Opcode.PopMark:
                _stack.DropToMark();
                break;
            case Opcode.Pop:
                _stack.Pop();
                break;
            case Opcode.Duplicate:
                _stack.Push(_stack.Peek());
                break;
            case Opcode.EmptyTuple:
                _stack.Push(PickleTuple.Empty);
                break;
            case Opcode.Tuple:
                PushTuple(_stack.PopToMark());
                break;
            case Opcode.Tuple1:
                PushTuple([_stack.Pop()]);
                break;
            case Opcode.Tuple2:
                var second = _stack.Pop();
                PushTuple([_stack.Pop(), second]);
                break;
            case Opcode.Tuple3:
                var last = _stack.Pop();
                var middle = _stack.Pop();
                PushTuple([_stack.Pop(), middle, last]);
                break;
            case Opcode.EmptyList:
                PushContainer(new PickleList());
                break;
            case Opcode.List:
                var items = _stack.PopToMark();
                PushContainer(new PickleList());
                Append(items);
                break;
            case Opcode.Append:
                Append([_stack.Pop()]);
                break;
            case Opcode.Appends:
                Append(_stack.PopToMark());
                break;
            case Opcode.EmptyDict:
                PushContainer(new PickleDict());
                break;
            case Opcode.Dict:
                var pairs = _stack.PopToMark();
                PushContainer(new PickleDict());
                SetItems(pairs);
                break;
            case Opcode.SetItem:
                var value = _stack.Pop();
                SetItems([_stack.Pop(), value]);
                break;
            case Opcode.SetItems:
                SetItems(_stack.PopToMark());
                break;
            case Opcode.EmptySet:
                Push(new PickleOpaque("set"));
                break;
            case Opcode.AddItems:
                _stack.DropToMark();
                RequireOpaque("adds items to");
                break;
            case Opcode.FrozenSet:
                _stack.DropToMark();
                Push(new PickleOpaque("frozenset"));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes by which Python would find and call things.</summary>
    private bool Call(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Global:
                var module = reader.ReadLine();
                PushGlobal(module, reader.ReadLine());
                break;
            case Opcode.StackGlobal:
                var name = _stack.Pop();
                PushGlobal(
                    _stack.Pop() as string ?? throw NoText(),
                    name as string ?? throw NoText()
                );
                break;
            case Opcode.Reduce or Opcode.NewObject:
                var arguments = _stack.Pop();
                PushResult(_stack.Pop(), arguments);
                break;
            case Opcode.NewObjectEx:
                _stack.Pop(); // keyword arguments
                _stack.Pop();
                PushObject(_stack.Pop());
                break;
            case Opcode.Object:
                var parts = _stack.PopToMark();
                PushObject(parts.Length > 0 ? parts[0] : PickleNone.Instance);
                break;
            case Opcode.Instance:
                _stack.DropToMark();
                var instanceModule = reader.ReadLine();
                PushObject(PickleGlobals.Resolve(instanceModule, reader.ReadLine()));
                break;
            case Opcode.Build:
                _stack.Pop(); // the state: attributes of an OrderedDict or a parameter, which hold no tensors of the network
                if (_stack.Peek() is not (PickleOpaque or PickleDict or PickleTensor))
                {
                    throw new MalformedException(
                        "its pickle gives attributes to something that has none"
                    );
                }

                break;
            case Opcode.BinPersistentId:
                PushStorage(PickleTorch.Storage(_stack.Pop()));
                break;
            case Opcode.Extension1 or Opcode.Extension2 or Opcode.Extension4:
                throw new MalformedException(
                    "its pickle refers to a class by a private number, which torch.save does not do; take the file from a source you trust"
                );
            default:
                return false;
        }

        return true;
    }

    private static void RequireProtocol(byte protocol)
    {
        if (protocol > HighestProtocol)
        {
            throw new MalformedException(
                $"its pickle is of protocol {protocol}; protocols up to {HighestProtocol} are known"
            );
        }
    }

    private void RequireFrame(ulong length)
    {
        if (length > (ulong)reader.Remaining)
        {
            throw new MalformedException(
                "its pickle ends too early; it is cut off, so download it again"
            );
        }
    }

    private void Push(object value)
    {
        _stack.Charge(ValueBytes);
        _stack.Push(value);
    }

    private void PushContainer(object container)
    {
        _stack.Charge(ContainerBytes);
        _stack.Push(container);
    }

    private void PushTuple(object[] items)
    {
        _stack.Charge(ContainerBytes);
        _stack.Push(new PickleTuple(items));
    }

    private void PushLong(uint bytes)
    {
        if (bytes > PickleTorch.LongBytes)
        {
            reader.Skip(bytes);
            Push(new PickleOpaque("int"));
            return;
        }

        var value = new BigInteger(reader.Take((int)bytes));
        Push(value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value);
    }

    private void PushText(ulong bytes)
    {
        if (bytes > LongestText)
        {
            PushSkipped(bytes, "str");
            return;
        }

        _stack.Charge(2 * (long)bytes);
        Push(reader.ReadText((int)bytes));
    }

    private void PushBytes(ulong bytes) => PushSkipped(bytes, "bytes");

    private void PushSkipped(ulong bytes, string kind)
    {
        reader.Skip(bytes);
        Push(new PickleOpaque(kind));
    }

    private void PushGlobal(string module, string name)
    {
        _stack.Charge(4L * (module.Length + name.Length));
        Push(PickleGlobals.Resolve(module, name));
    }

    private void PushResult(object function, object arguments)
    {
        _stack.Charge(ContainerBytes);
        if (arguments is not PickleTuple tuple)
        {
            throw new MalformedException("its pickle calls a function without a list of arguments");
        }

        _stack.Charge(tuple.Items.Length * (long)ItemBytes);
        _stack.Push(PickleTorch.Call(function, tuple));
    }

    private void PushObject(object type) =>
        Push(
            type is PickleOpaque or PickleGlobal
                ? new PickleOpaque((type as PickleOpaque)?.Name ?? "object")
                : throw new MalformedException(
                    "its pickle makes an object of something that is no class"
                )
        );

    private void PushStorage(PickleStorage storage)
    {
        _stack.Charge(ContainerBytes);
        if (!_storages.TryAdd(storage.Key, storage))
        {
            var first = _storages[storage.Key];
            if (first.Type != storage.Type || first.Count != storage.Count)
            {
                throw new MalformedException(
                    $"its pickle describes storage '{Printable.Shorten(storage.Key)}' in two ways; it is damaged, so download it again"
                );
            }
        }

        _stack.Push(storage);
    }

    private void Append(object[] items)
    {
        switch (_stack.Peek())
        {
            case PickleList list:
                _stack.Charge(items.Length * (long)ItemBytes);
                list.Items.AddRange(items);
                break;
            case PickleOpaque:
                break; // a subclass of list, which stays empty
            default:
                throw new MalformedException("its pickle appends to something that is no list");
        }
    }

    private void SetItems(object[] pairs)
    {
        if (pairs.Length % 2 != 0)
        {
            throw new MalformedException("its pickle sets an entry without a value");
        }

        switch (_stack.Peek())
        {
            case PickleDict dict:
                _stack.Charge(pairs.Length * (long)ItemBytes);
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
                throw new MalformedException(
                    "its pickle sets entries of something that is no dictionary"
                );
        }
    }

    private void RequireOpaque(string action)
    {
        if (_stack.Peek() is not PickleOpaque)
        {
            throw new MalformedException($"its pickle {action} something that is no set");
        }
    }

    private static MalformedException NoText() =>
        new("its pickle looks up a class whose name is no text");
}
