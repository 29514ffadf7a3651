using System.Diagnostics;
using DiffBir.Checkpoints;
using DiffBir.Tests.Support;

namespace DiffBir.Tests.Checkpoints;

/// <summary>Pickles that ask for more than tensors.</summary>
public sealed class HostilePickleTests : IDisposable
{
    // What grows with the square of eight million would take days; a busy machine takes seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static HostileCases CodeRoutes =>
        new()
        {
            { "REDUCE", Start().Global("os", "system").Call("id").Ops(".") },
            { "REDUCE of another name", Start().Global("posix", "system").Call("id").Ops(".") },
            { "REDUCE of a builtin", Start().Global("builtins", "eval").Call("1").Ops(".") },
            { "REDUCE of a Python 2 builtin", Start().Global("__builtin__", "eval").Call("1").Ops(".") },
            { "GLOBAL alone", Start().Ops("}").Text("x").Global("subprocess", "Popen").Ops("s.") },
            { "STACK_GLOBAL", Start(4).Text("os").Text("system").Raw(0x93).Call("id").Ops(".") },
            {
                "STACK_GLOBAL through the memo",
                Start(4).Text("os").Raw(0x94).Ops("0h").Raw(0).Text("system").Raw(0x93).Ops(")R.")
            },
            { "INST", Start().Ops("(").Text("id").Ops("ios\nsystem\n.") },
            { "OBJ", Start().Ops("(").Global("os", "system").Text("id").Ops("o.") },
            { "NEWOBJ", Start().Global("os", "system").Ops("(").Text("id").Ops("t").Raw(0x81).Ops(".") },
            { "NEWOBJ_EX", Start(4).Global("os", "system").Ops("(").Text("id").Ops("t}").Raw(0x92).Ops(".") },
            { "BUILD", Start().Global("os", "environ").Ops("}").Text("PATH").Text("x").Ops("sb.") },
            { "getattr", Start().Global("builtins", "getattr").Ops("(").Global("torch", "Tensor").Text("__class__").Ops("tR.") },
            {
                "inside a state_dict",
                Start().Ops("}(").Text("w").Tensor("0", 4).Text("x").Global("os", "system").Ops("(").Text("id").Ops("tRu.")
            },
            { "a submodule", Start().Global("os.path", "join").Ops(")R.") },
            { "importlib", Start().Global("importlib", "import_module").Call("os").Ops(".") },
        };

    [Theory]
    [MemberData(nameof(CodeRoutes), DisableDiscoveryEnumeration = true)]
    public void A_pickle_that_wants_to_run_code_is_called_out(HostileCase route)
    {
        var message = Refuse(route.Pickle);

        message.ShouldContain("can run code", customMessage: route.Name);
        message.ShouldContain("nothing was run", customMessage: route.Name);
    }

    [Theory]
    [InlineData(new byte[] { 0x82, 1 })]
    [InlineData(new byte[] { 0x83, 1, 0 })]
    [InlineData(new byte[] { 0x84, 1, 0, 0, 0 })]
    public void Classes_by_private_number_are_refused(byte[] opcode) =>
        Refuse(Start().Raw(opcode).Call("id").Ops(".").Build()).ShouldContain("by a private number");

    public static HostileCases Malformed =>
        new()
        {
            { "appends to something that is no list", Start().Ops("}").Int(1).Ops("a.") },
            { "appends to something that is no list", Start().Global("torch", "Tensor").Ops("(").Int(1).Ops("e.") },
            { "appends to something that is no list", Start().Tensor("0", 4).Ops("(").Int(1).Ops("e.") },
            { "sets entries of something that is no dictionary", Start().Ops("]").Text("a").Int(1).Ops("s.") },
            { "sets entries of something that is no dictionary", Start().Tensor("0", 4).Text("a").Int(1).Ops("s.") },
            {
                "sets entries of something that is no dictionary",
                Start().Global("torch", "Tensor").Ops("(").Text("a").Int(1).Ops("u.")
            },
            { "sets an entry without a value", Start().Ops("}(").Text("a").Ops("u.") },
            { "adds items to something that is no set", Start(4).Ops("](").Int(1).Raw(0x90).Ops(".") },
            { "gives attributes to something that has none", Start().Ops("]}b.") },
            { "gives attributes to something that has none", Start().Global("torch", "FloatStorage").Ops("}b.") },
            { "calls something that is no function", Start().Text("os").Ops(")R.") },
            { "calls something that is no function", Start().Tensor("0", 4).Ops(")R.") },
            { "without a list of arguments", Start().Global("collections", "OrderedDict").Ops("]R.") },
            { "something that is no class", Start().Ops("(").Text("os").Ops("o.") },
            { "takes a value that is not there", Start().Ops("0.") },
            { "takes a value that is not there", Start().Ops("N(R.") },
            { "closes a list that it never opened", Start().Ops("t.") },
            { "recalls value 7", Start().Ops("h").Raw(7).Ops(".") },
            { "stores value 4000000000", Start().Ops("Nr").UInt32(4_000_000_000).Ops(".") },
            { "outside that is no storage", Start().Text("http://example.org").Ops("Q.") },
            { "outside that is no storage", Start().Ops("(").Text("module").Text("a").Text("b").Text("c").Ops("tQ.") },
            { "of the old text protocol", Start().Ops("Pstorage\n.") },
            { "of the old text protocol", Start().Ops("I1\n.") },
            { "opcode 0x97", Start(5).Raw(0x97).Ops(".") },
            { "opcode 0xff", Start().Raw(0xff) },
            { "protocol 9", Start(9).Ops("N.") },
            { "ends too early", Start().Ops("N") },
            { "ends too early", Start().Ops("X").UInt32(uint.MaxValue) },
            { "ends too early", Start(4).Raw(0x8d, 255, 255, 255, 255, 255, 255, 255, 255) },
            { "ends too early", Start(4).Raw(0x95, 255, 255, 255, 255, 255, 255, 255, 127).Ops("N.") },
            { "ends too early", Start().Ops("c" + new string('a', 100)) },
            { "a name of more than", Start().Ops("c" + new string('a', 100_000)) },
            { "nested more than 1000 levels", Start().Ops(new string('(', 100_000)) },
            { "instead of a dictionary of tensors", Start().Ops("N.") },
            { "'my.Model' instead of a dictionary", Start().Global("my", "Model").Ops(")").Raw(0x81).Ops("}b.") },
            { "it holds no tensors", Start().Ops("}.") },
            {
                "describes storage '0' in two ways",
                Start().Ops("}(").Text("a").Tensor("0", 4).Text("b").Tensor("0", 8).Ops("u.")
            },
            { "names tensor 'a' twice", Start().Ops("}(").Text("a").Tensor("0", 4).Text("a").Tensor("1", 4).Ops("u.") },
            { "lacks the storage 'archive/data/../x'", Weight(new("../x", 4)) },
            { "but its pickle says 20", Weight(new("0", 5)) },
            { "outside that is no storage", Weight(new("0", -4)) },
            { "does not fit its storage", Weight(new("0", long.MaxValue)) },
            { "does not fit its storage", Weight(new("0", 4, [5])) },
            { "does not fit its storage", Weight(new("0", 4, [-1])) },
            { "does not fit its storage", Weight(new("0", 4, [2, 2], [1])) },
            { "does not fit its storage", Weight(new("0", 4, [4], [-1])) },
            { "does not fit its storage", Weight(new("0", 4, [1], [1], Offset: 4)) },
            { "does not fit its storage", Weight(new("0", 4, [1], [1], Offset: -1)) },
            { "does not fit its storage", Weight(new("0", 4, [3], [long.MaxValue])) },
            { "does not fit its storage", Weight(new("0", 4, [1L << 32, 1L << 32], [0, 0])) },
            { "repeats 1 stored elements to 1073741824", Weight(new("0", 4, [1 << 15, 1 << 15], [0, 0])) },
            { "of 65 axes", Weight(new("0", 4, Enumerable.Repeat(1L, 65).ToArray())) },
            { "of a type that is not supported", Weight(new("0", 4, Type: "ComplexFloatStorage")) },
        };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void A_malformed_pickle_is_refused_with_its_reason(HostileCase malformed) =>
        Refuse(malformed.Pickle).ShouldContain(malformed.Name);

    [Fact]
    public void Unknown_objects_are_skipped_and_never_built()
    {
        var pickle = Start()
            .Ops("}(")
            .Text("callbacks")
            .Global("pytorch_lightning.callbacks", "ModelCheckpoint")
            .Ops(")")
            .Raw(0x81)
            .Ops("}")
            .Text("best")
            .Int(1)
            .Ops("sb")
            .Text("hyper_parameters")
            .Global("pytorch_lightning.utilities.parsing", "AttributeDict")
            .Ops(")R(")
            .Text("lr")
            .Int(3)
            .Ops("u")
            .Text("queue")
            .Global("collections", "deque")
            .Ops(")R(")
            .Int(1)
            .Int(2)
            .Ops("e")
            .Text("old")
            .Ops("(ilegacy.module\nOldClass\n")
            .Text("state_dict")
            .Ops("}")
            .Text("w")
            .Tensor("0", 4)
            .Ops("s")
            .Ops("u.")
            .Build();

        Open(pickle).Tensors.Keys.ShouldBe(["w"]);
    }

    [Fact]
    public void Attributes_of_a_state_dict_are_ignored()
    {
        var pickle = Start()
            .Global("collections", "OrderedDict")
            .Ops(")R")
            .Text("w")
            .Tensor("0", 4)
            .Ops("s")
            .Ops("}")
            .Text("_metadata")
            .Ops("}sb.")
            .Build();

        Open(pickle).Tensors.Keys.ShouldBe(["w"]);
    }

    [Fact]
    public void A_dictionary_inside_itself_ends_the_search_for_weights()
    {
        // d = {}; d["model"] = d
        var pickle = Start().Ops("}q").Raw(0).Text("model").Ops("h").Raw(0).Ops("s.").Build();

        Refuse(pickle).ShouldContain("it holds no tensors");
    }

    public static HostileCases Bombs
    {
        get
        {
            const int Length = 8 << 20;
            return new()
            {
                { "values", Fill(Start(), "N", Length) },
                { "lists", Fill(Start(), "]", Length) },
                { "tuples of tuples", Fill(Start().Ops(")"), "\u0085", Length) },
                { "memo", Fill(Start().Ops("N"), "\u0094", Length) },
                { "texts", Fill(Start(), "U\u0001a", Length) },
                { "long names", Fill(Start(), "c" + new string('a', 400) + "\nb\n", Length) },
                { "long names from the memo", Fill(Start(4).Text(new string('m', 4096)).Raw(0x94), "h\0h\0\u0093", Length) },
                { "doubled tuples", Fill(Start().Ops(")"), "2\u0086", Length) },
                { "appended lists", Fill(Start().Ops("]("), "N", Length) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Bombs), DisableDiscoveryEnumeration = true)]
    public void A_small_pickle_cannot_take_much_memory_or_time(HostileCase bomb)
    {
        const long AllowedBytes = 160 << 20; // 64 MB for the pickle's values and as much for what is freed on the way
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        var message = Refuse(bomb.Pickle);

        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(AllowedBytes, bomb.Name);
        clock.Elapsed.ShouldBeLessThan(Patience, bomb.Name);
        message.Length.ShouldBeLessThan(400);
    }

    /// <summary>A dictionary of one tensor.</summary>
    private static PickleBuilder Weight(PickledTensor tensor) => Start().Ops("}").Text("a").Tensor(tensor).Ops("s.");

    private static PickleBuilder Start(byte protocol = 2) => new(protocol);

    private static byte[] Fill(PickleBuilder pickle, string opcodes, int length)
    {
        var start = pickle.Build();
        var bytes = new byte[length];
        start.CopyTo(bytes, 0);
        for (var i = start.Length; i < length; i++)
        {
            bytes[i] = (byte)opcodes[(i - start.Length) % opcodes.Length];
        }

        return bytes;
    }

    private Checkpoint Open(byte[] pickle) => Checkpoint.Open(_folder.Write("x.pth", ZipBuilder.Torch(pickle, 16, 16).Build()));

    private string Refuse(byte[] pickle) => Should.Throw<CheckpointException>(() => Open(pickle)).Message;
}
