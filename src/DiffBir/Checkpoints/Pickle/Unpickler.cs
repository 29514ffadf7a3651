namespace DiffBir.Checkpoints.Pickle;

/// <summary>
/// Runs a pickle's stack machine, but knows only tensors' descriptions, plain containers, and placeholders: no code of the file is run,
/// no object is made, however the pickle asks for it.
/// </summary>
/// <param name="reader">The pickle's bytes.</param>
/// <param name="memory">How many bytes of memory it may take.</param>
internal sealed class Unpickler(PickleReader reader, long memory = CheckpointLimits.PickleMemory)
{
    private const int MaxProtocol = 5;

    private readonly PickleMachine _machine = new(reader, memory);

    /// <inheritdoc cref="PickleMachine.Storages"/>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _machine.Storages;

    /// <summary>Reads one pickle, up to its STOP.</summary>
    public static object Read(PickleReader reader, long memory = CheckpointLimits.PickleMemory) =>
        new Unpickler(reader, memory).Read();

    /// <summary>Reads the pickle, up to its STOP.</summary>
    public object Read()
    {
        while (true)
        {
            var opcode = (Opcode)reader.ReadByte();
            if (opcode == Opcode.Stop)
            {
                return _machine.Stack.Pop();
            }

            if (!PushValue(opcode) && !UseMemo(opcode) && !Assemble(opcode) && !Call(opcode))
            {
                throw Unknown((byte)opcode);
            }
        }
    }

    private static MalformedException Unknown(byte opcode) =>
        "ILFSVgpP".Contains((char)opcode)
            ? new("its pickle is of the old text protocol, which torch.save does not write; save it again with PyTorch")
            : MalformedException.Damaged($"its pickle has the opcode 0x{opcode:x2}, which torch.save does not write");

    /// <summary>Opcodes that put a plain value on the stack.</summary>
    private bool PushValue(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.None:
                _machine.Push(PickleNone.Instance);
                break;
            case Opcode.NewTrue:
                _machine.Push(true);
                break;
            case Opcode.NewFalse:
                _machine.Push(false);
                break;
            case Opcode.BinInt:
                _machine.Push((long)reader.ReadInt32());
                break;
            case Opcode.BinInt1:
                _machine.Push((long)reader.ReadByte());
                break;
            case Opcode.BinInt2:
                _machine.Push((long)reader.ReadUInt16());
                break;
            case Opcode.Long1:
                _machine.PushLong(reader.ReadByte());
                break;
            case Opcode.Long4:
                _machine.PushLong(reader.ReadUInt32());
                break;
            case Opcode.BinFloat:
                _machine.Push(reader.ReadDouble());
                break;
            case Opcode.ShortBinUnicode or Opcode.ShortBinString:
                _machine.PushText(reader.ReadByte());
                break;
            case Opcode.BinUnicode or Opcode.BinString:
                _machine.PushText(reader.ReadUInt32());
                break;
            case Opcode.BinUnicode8:
                _machine.PushText(reader.ReadUInt64());
                break;
            case Opcode.ShortBinBytes:
                _machine.PushBytes(reader.ReadByte());
                break;
            case Opcode.BinBytes:
                _machine.PushBytes(reader.ReadUInt32());
                break;
            case Opcode.BinBytes8 or Opcode.ByteArray8:
                _machine.PushBytes(reader.ReadUInt64());
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes that store and recall values, and those that frame the pickle.</summary>
    private bool UseMemo(Opcode opcode)
    {
        var stack = _machine.Stack;
        switch (opcode)
        {
            case Opcode.BinGet:
                stack.Recall(reader.ReadByte());
                break;
            case Opcode.LongBinGet:
                stack.Recall(reader.ReadUInt32());
                break;
            case Opcode.BinPut:
                stack.Remember(reader.ReadByte());
                break;
            case Opcode.LongBinPut:
                stack.Remember(reader.ReadUInt32());
                break;
            case Opcode.Memoize:
                stack.RememberNext();
                break;
            case Opcode.Protocol:
                ValidateProtocol(reader.ReadByte());
                break;
            case Opcode.Frame:
                ValidateFrame(reader.ReadUInt64());
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes that make and fill containers.</summary>
    private bool Assemble(Opcode opcode)
    {
        var stack = _machine.Stack;
        switch (opcode)
        {
            case Opcode.Mark:
                stack.Mark();
                break;
            case Opcode.Pop when stack.IsAtMark:
            case Opcode.PopMark:
                stack.DropToMark();
                break;
            case Opcode.Pop:
                stack.Pop();
                break;
            case Opcode.Duplicate:
                stack.Push(stack.Peek());
                break;
            case Opcode.EmptyTuple:
                stack.Push(PickleTuple.Empty);
                break;
            case Opcode.Tuple:
                _machine.PushContainer(new PickleTuple(stack.PopToMark()));
                break;
            case Opcode.Tuple1 or Opcode.Tuple2 or Opcode.Tuple3:
                _machine.PushTuple(opcode - Opcode.Tuple1 + 1);
                break;
            case Opcode.EmptyList:
                _machine.PushContainer(new PickleList());
                break;
            case Opcode.List:
                var items = stack.PopToMark();
                _machine.PushContainer(new PickleList());
                _machine.Append(items);
                break;
            case Opcode.Append:
                _machine.Append([stack.Pop()]);
                break;
            case Opcode.Appends:
                _machine.Append(stack.PopToMark());
                break;
            case Opcode.EmptyDict:
                _machine.PushContainer(new PickleDict());
                break;
            case Opcode.Dict:
                var pairs = stack.PopToMark();
                _machine.PushContainer(new PickleDict());
                _machine.SetItems(pairs);
                break;
            case Opcode.SetItem:
                var value = stack.Pop();
                _machine.SetItems([stack.Pop(), value]);
                break;
            case Opcode.SetItems:
                _machine.SetItems(stack.PopToMark());
                break;
            case Opcode.EmptySet:
                _machine.Push(new PickleOpaque("set"));
                break;
            case Opcode.AddItems:
                _machine.AddItems();
                break;
            case Opcode.FrozenSet:
                stack.DropToMark();
                _machine.Push(new PickleOpaque("frozenset"));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes by which Python would find and call things.</summary>
    private bool Call(Opcode opcode)
    {
        var stack = _machine.Stack;
        switch (opcode)
        {
            case Opcode.Global:
                PushGlobal();
                break;
            case Opcode.StackGlobal:
                _machine.PushStackGlobal();
                break;
            case Opcode.Reduce or Opcode.NewObject:
                _machine.Reduce();
                break;
            case Opcode.NewObjectEx:
                stack.Pop(); // arguments by name
                stack.Pop(); // arguments by position
                _machine.PushObject(stack.Pop());
                break;
            case Opcode.Object:
                var parts = stack.PopToMark();
                _machine.PushObject(parts.Length > 0 ? parts[0] : PickleNone.Instance);
                break;
            case Opcode.Instance:
                stack.DropToMark();
                PushGlobal();
                _machine.PushObject(stack.Pop());
                break;
            case Opcode.Build:
                _machine.Build();
                break;
            case Opcode.BinPersistentId:
                _machine.PushStorage();
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

    private void PushGlobal()
    {
        var module = reader.ReadLine();
        _machine.PushGlobal(module, reader.ReadLine());
    }

    private static void ValidateProtocol(byte protocol)
    {
        if (protocol > MaxProtocol)
        {
            throw new MalformedException(
                $"its pickle is of protocol {protocol}; protocols up to {MaxProtocol} are known, so save it with one of those"
            );
        }
    }

    private void ValidateFrame(ulong length)
    {
        if (length > (ulong)reader.Remaining)
        {
            throw new MalformedException("its pickle ends too early; it is cut off, so download it again");
        }
    }
}
