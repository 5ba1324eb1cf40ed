namespace Barnabas.Eng.Profile;

/// <summary>A type that a process had loaded.</summary>
/// <param name="Module">The number of the module that defines it.</param>
/// <param name="Token">Where in the module: a token of its metadata.</param>
/// <param name="IsArray">An array, of one dimension, of its one argument; module and token say nothing then.</param>
/// <param name="Arguments">The numbers of the types that stand for its parameters.</param>
internal sealed record UsedType(ulong Module, int Token, bool IsArray, IReadOnlyList<ulong> Arguments);

/// <summary>A method that a process ran.</summary>
/// <param name="Type">The number of the type that has it.</param>
/// <param name="Token">Where in the type's module.</param>
/// <param name="Arguments">The numbers of the types that stand for the method's own parameters.</param>
internal sealed record UsedMethod(ulong Type, int Token, IReadOnlyList<ulong> Arguments);

/// <summary>What a trace tells of the methods that ran, compiled ahead or not.</summary>
internal sealed class UsedMethods
{
    /// <summary>Who writes these events.</summary>
    public const string Provider = "Microsoft-Windows-DotNETRuntime";

    private const int BulkType = 15;
    private const int MethodDetails = 72;
    private const int ModuleLoad = 152;
    private const int FlagOfArray = 8;
    private const int FlagsOfRank = 0x3F00;

    private readonly Dictionary<ulong, string> _modules = [];
    private readonly Dictionary<ulong, UsedType> _types = [];
    private readonly Dictionary<ulong, UsedMethod> _methods = [];

    /// <summary>Reads all that <paramref name="events"/> tell.</summary>
    public UsedMethods(IEnumerable<TraceEvent> events)
    {
        foreach (var (id, fields) in events)
        {
            using var reader = new BinaryReader(new MemoryStream(fields));
            switch (id)
            {
                case BulkType:
                    ReadTypes(reader);
                    break;
                case MethodDetails:
                    ReadMethod(reader);
                    break;
                case ModuleLoad:
                    ReadModule(reader);
                    break;
            }
        }
    }

    /// <summary>The methods that are generic or whose type is, in no order.</summary>
    public IEnumerable<UsedMethod> Generic =>
        _methods.Values.Where(method => method.Arguments.Count > 0 || Type(method.Type)?.Arguments.Count > 0);

    /// <summary>Where the modules come from.</summary>
    public IReadOnlyCollection<string> Directories =>
        [.. _modules.Values.Select(Path.GetDirectoryName).OfType<string>().Where(path => path != "").Distinct()];

    /// <summary>The type of that number; null when the trace does not tell.</summary>
    public UsedType? Type(ulong number) => _types.GetValueOrDefault(number);

    /// <summary>The file of the module of that number; null when it has none.</summary>
    public string? Module(ulong number) => _modules.GetValueOrDefault(number);

    private void ReadTypes(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        reader.ReadInt16();                      // which of several runtimes
        for (var i = 0; i < count; i++)
        {
            var (number, module) = (reader.ReadUInt64(), reader.ReadUInt64());
            var (token, flags) = (reader.ReadInt32(), reader.ReadInt32());
            reader.ReadByte();                   // its kind, an enum's number's for an enum
            TraceReader.ReadText(reader);
            var isArray = (flags & (FlagOfArray | FlagsOfRank)) == FlagOfArray;
            _types[number] = new(module, token, isArray, ReadNumbers(reader, reader.ReadInt32()));
        }
    }

    private void ReadMethod(BinaryReader reader)
    {
        var (number, type, token) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadInt32());
        var count = reader.ReadInt32();
        reader.ReadUInt64();                     // the module that holds its code
        _methods[number] = new(type, token, ReadNumbers(reader, count));
    }

    private void ReadModule(BinaryReader reader)
    {
        var number = reader.ReadUInt64();
        reader.ReadBytes(8 + 4 + 4);             // its assembly, flags, and nothing
        _modules[number] = TraceReader.ReadText(reader);
    }

    private static ulong[] ReadNumbers(BinaryReader reader, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => reader.ReadUInt64())];
}
