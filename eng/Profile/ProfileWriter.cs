using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Barnabas.Eng.Profile;

/// <summary>Writes a profile as the compiler of ReadyToRun images reads it (.mibc): an assembly whose methods only name
/// other methods, one of its methods for all those that the same assemblies take part in.</summary>
internal sealed class ProfileWriter
{
    private readonly Assemblies _assemblies;
    private readonly MetadataBuilder _metadata = new();
    private readonly References _references;
    private readonly Dictionary<(MemberReferenceHandle, BlobHandle), MethodSpecificationHandle> _instances = [];
    private readonly SortedDictionary<string, HashSet<EntityHandle>> _groups = new(StringComparer.Ordinal);

    /// <summary>A profile that names no method yet.</summary>
    /// <param name="assemblies">Where their assemblies are.</param>
    public ProfileWriter(Assemblies assemblies)
    {
        _assemblies = assemblies;
        _references = new(_metadata, assemblies);
    }

    /// <summary>How many methods it names.</summary>
    public int Count => _groups.Values.Sum(group => group.Count);

    /// <summary>Names <paramref name="method"/>, unless a type of it is in no assembly, or of a rare kind.</summary>
    /// <param name="used">What tells of its types.</param>
    /// <param name="method">One of <paramref name="used"/>.</param>
    public void Add(UsedMethods used, UsedMethod method)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var parent = new BlobBuilder();
        var arguments = new BlobBuilder();
        arguments.WriteByte((byte)SignatureKind.MethodSpecification);
        arguments.WriteCompressedInteger(method.Arguments.Count);
        if (used.Type(method.Type) is not { } type || Define(used, type) is not { } definition ||
            !EncodeType(used, method.Type, parent, names) ||
            !method.Arguments.All(argument => EncodeType(used, argument, arguments, names)))
        {
            return;
        }

        var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.Token);
        EntityHandle owner = type.Arguments.Count > 0
            ? _references.Instance(parent)
            : _references.Type(definition);
        if (_references.Method(owner, definition.Assembly, handle) is not { } reference)
            return;

        var defining = References.AssemblyOf(definition);
        names.Remove(defining);
        names.Remove(References.CanonAssembly);
        var group = string.Concat(names.Prepend(defining).Select(name => name + ";"));
        if (!_groups.TryGetValue(group, out var named))
            _groups[group] = named = [];
        named.Add(method.Arguments.Count > 0 ? Instance(reference, arguments) : reference);
    }

    /// <summary>The whole file.</summary>
    /// <param name="name">The name of the assembly.</param>
    public byte[] Write(string name)
    {
        _metadata.AddModule(0, _metadata.GetOrAddString(name), _metadata.GetOrAddGuid(default), default, default);
        _metadata.AddAssembly(_metadata.GetOrAddString(name), new(0, 0, 0, 0), default, default, 0, 0);
        _metadata.AddTypeDefinition(default, default, _metadata.GetOrAddString("<Module>"), default,
            MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));

        var bodies = new MethodBodyStreamEncoder(new());
        var groups = new List<(string, EntityHandle)>();
        foreach (var (assemblies, methods) in _groups)
        {
            var named = methods.Select(method => ((string?)null, method));
            groups.Add((assemblies, AddMethod(bodies, $"Methods_{groups.Count}", named)));
        }

        AddMethod(bodies, "AssemblyDictionary", groups.Select(group => ((string?)group.Item1, group.Item2)));

        var image = new BlobBuilder();
        new ManagedPEBuilder(new(imageCharacteristics: Characteristics.Dll | Characteristics.ExecutableImage),
            new(_metadata), bodies.Builder).Serialize(image);
        return image.ToArray();
    }

    private MethodSpecificationHandle Instance(MemberReferenceHandle method, BlobBuilder arguments)
    {
        var key = (method, _metadata.GetOrAddBlob(arguments));
        return _instances.TryGetValue(key, out var known)
            ? known
            : _instances[key] = _metadata.AddMethodSpecification(key.method, key.Item2);
    }

    /// <summary>A method that does nothing but name others, each after a text where there is one.</summary>
    private MethodDefinitionHandle AddMethod(
        MethodBodyStreamEncoder bodies, string name, IEnumerable<(string? Text, EntityHandle Method)> named)
    {
        var code = new InstructionEncoder(new());
        foreach (var (text, method) in named)
        {
            if (text is not null)
                code.LoadString(_metadata.GetOrAddUserString(text));
            code.OpCode(ILOpCode.Ldtoken);
            code.Token(method);
            code.OpCode(ILOpCode.Pop);
        }

        code.OpCode(ILOpCode.Ret);
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, result => result.Void(), _ => { });
        return _metadata.AddMethodDefinition(MethodAttributes.Public | MethodAttributes.Static, MethodImplAttributes.IL,
            _metadata.GetOrAddString(name), _metadata.GetOrAddBlob(signature), bodies.AddMethodBody(code),
            MetadataTokens.ParameterHandle(1));
    }

    /// <summary>Writes the type of that number as a signature has it.</summary>
    /// <param name="used">What tells of it.</param>
    /// <param name="number">Its number there.</param>
    /// <param name="to">Where to write.</param>
    /// <param name="names">Here go the assemblies that take part in it.</param>
    /// <returns>False when it is in no assembly, or of a rare kind.</returns>
    private bool EncodeType(UsedMethods used, ulong number, BlobBuilder to, SortedSet<string> names)
    {
        if (used.Type(number) is not { } type)
            return false;

        if (type.IsArray)
        {
            to.WriteByte((byte)SignatureTypeCode.SZArray);
            return EncodeType(used, type.Arguments[0], to, names);
        }

        if (Define(used, type) is not { } definition)
            return false;

        names.Add(References.AssemblyOf(definition));
        if (type.Arguments.Count > 0)
            to.WriteByte((byte)SignatureTypeCode.GenericTypeInstance);
        _references.Encode(definition, to);
        if (type.Arguments.Count > 0)
            to.WriteCompressedInteger(type.Arguments.Count);
        return type.Arguments.All(argument => EncodeType(used, argument, to, names));
    }

    private Definition? Define(UsedMethods used, UsedType type) =>
        used.Module(type.Module) is { } file &&
        _assemblies.Open(Path.GetFileNameWithoutExtension(file)) is { } assembly &&
        MetadataTokens.EntityHandle(type.Token) is { Kind: HandleKind.TypeDefinition, IsNil: false } token
            ? new(assembly, (TypeDefinitionHandle)token)
            : null;
}
