using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace DiffBir.Tests.Structure;

/// <summary>Reads from a compiled assembly which of its types use which: signatures, base types, attributes, and every instruction.</summary>
/// <remarks>Constants are not seen, since the compiler writes their values.</remarks>
internal sealed class TypeUses : ISignatureTypeProvider<TypeUses.Nothing, object?>
{
    private static readonly Dictionary<ushort, OperandType> Operands = typeof(OpCodes)
        .GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value, code => code.OperandType);

    private readonly MetadataReader _metadata;
    private readonly PEReader _file;
    private readonly HashSet<TypeDefinitionHandle> _seen = [];

    private TypeUses(PEReader file) => (_file, _metadata) = (file, file.GetMetadataReader());

    /// <summary>What a signature's part decodes to: the types in it are noted while it is read.</summary>
    internal readonly record struct Nothing;

    /// <summary>Every pair of an assembly's types of which one names the other; nested types count as those around them.</summary>
    /// <param name="path">The assembly's file.</param>
    public static IReadOnlyList<(TypeName User, TypeName Used)> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return new TypeUses(file).All();
    }

    private List<(TypeName, TypeName)> All()
    {
        var uses = new HashSet<(TypeName, TypeName)>();
        foreach (var handle in _metadata.TypeDefinitions)
        {
            _seen.Clear();
            Collect(handle);
            var user = NameOf(handle);
            uses.UnionWith(_seen.Select(NameOf).Where(used => used != user).Select(used => (user, used)));
        }

        return [.. uses.Where(use => !use.Item1.IsGenerated && !use.Item2.IsGenerated)];
    }

    private TypeName NameOf(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? NameOf(outer)
            : new TypeName(_metadata.GetString(type.Namespace), _metadata.GetString(type.Name));
    }

    private void Collect(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        Note(type.BaseType);
        Note(type.GetCustomAttributes());
        Note(type.GetGenericParameters());
        foreach (var item in type.GetInterfaceImplementations())
        {
            Note(_metadata.GetInterfaceImplementation(item).Interface);
        }

        foreach (var item in type.GetFields())
        {
            var field = _metadata.GetFieldDefinition(item);
            field.DecodeSignature(this, null);
            Note(field.GetCustomAttributes());
        }

        foreach (var item in type.GetProperties())
        {
            Note(_metadata.GetPropertyDefinition(item).GetCustomAttributes());
        }

        foreach (var item in type.GetMethods())
        {
            Note(_metadata.GetMethodDefinition(item));
        }
    }

    private void Note(MethodDefinition method)
    {
        method.DecodeSignature(this, null);
        Note(method.GetCustomAttributes());
        Note(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null);
        }

        foreach (var region in body.ExceptionRegions)
        {
            Note(region.CatchType);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            NoteInstruction(ref code);
        }
    }

    private void NoteInstruction(ref BlobReader code)
    {
        const byte twoBytes = 0xFE;
        ushort opcode = code.ReadByte();
        if (opcode == twoBytes)
        {
            opcode = (ushort)((twoBytes << 8) | code.ReadByte());
        }

        switch (Operands[opcode])
        {
            case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                Note(MetadataTokens.EntityHandle(code.ReadInt32()));
                break;
            case OperandType.InlineSwitch:
                var targets = code.ReadInt32();
                code.Offset += targets * sizeof(int);
                break;
            case OperandType.InlineI8 or OperandType.InlineR:
                code.Offset += sizeof(long);
                break;
            case OperandType.InlineBrTarget
            or OperandType.InlineI
            or OperandType.InlineSig
            or OperandType.InlineString
            or OperandType.ShortInlineR:
                code.Offset += sizeof(int);
                break;
            case OperandType.InlineVar:
                code.Offset += sizeof(short);
                break;
            case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                code.Offset += sizeof(byte);
                break;
            default:
                break;
        }
    }

    private void Note(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                _seen.Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
            case HandleKind.FieldDefinition:
                _seen.Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodDefinition:
                _seen.Add(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                Note(_metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
                break;
            case HandleKind.MethodSpecification:
                var method = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                method.DecodeSignature(this, null);
                Note(method.Method);
                break;
            default:
                break; // types and members of other assemblies
        }
    }

    private void Note(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes)
        {
            Note(_metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void Note(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(handle => _metadata.GetGenericParameter(handle).GetConstraints()))
        {
            Note(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    Nothing ISimpleTypeProvider<Nothing>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte kind)
    {
        _seen.Add(handle);
        return default;
    }

    Nothing ISignatureTypeProvider<Nothing, object?>.GetTypeFromSpecification(
        MetadataReader reader,
        object? context,
        TypeSpecificationHandle handle,
        byte kind
    ) => reader.GetTypeSpecification(handle).DecodeSignature(this, context);

    Nothing ISimpleTypeProvider<Nothing>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte kind) =>
        default;

    Nothing ISimpleTypeProvider<Nothing>.GetPrimitiveType(PrimitiveTypeCode type) => default;

    Nothing ISZArrayTypeProvider<Nothing>.GetSZArrayType(Nothing element) => default;

    Nothing IConstructedTypeProvider<Nothing>.GetArrayType(Nothing element, ArrayShape shape) => default;

    Nothing IConstructedTypeProvider<Nothing>.GetByReferenceType(Nothing element) => default;

    Nothing IConstructedTypeProvider<Nothing>.GetPointerType(Nothing element) => default;

    Nothing IConstructedTypeProvider<Nothing>.GetGenericInstantiation(Nothing type, ImmutableArray<Nothing> arguments) => default;

    Nothing ISignatureTypeProvider<Nothing, object?>.GetFunctionPointerType(MethodSignature<Nothing> signature) => default;

    Nothing ISignatureTypeProvider<Nothing, object?>.GetGenericMethodParameter(object? context, int index) => default;

    Nothing ISignatureTypeProvider<Nothing, object?>.GetGenericTypeParameter(object? context, int index) => default;

    Nothing ISignatureTypeProvider<Nothing, object?>.GetModifiedType(Nothing modifier, Nothing type, bool isRequired) => default;

    Nothing ISignatureTypeProvider<Nothing, object?>.GetPinnedType(Nothing element) => default;
}

/// <summary>A type that is not nested.</summary>
/// <param name="Namespace">Its namespace, which is its folder.</param>
/// <param name="Name">Its name.</param>
internal sealed record TypeName(string Namespace, string Name)
{
    /// <summary>Whether the compiler made it up.</summary>
    public bool IsGenerated => Namespace.Length == 0 || Name.Contains('<');

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}.{Name}";
}
