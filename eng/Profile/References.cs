using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Barnabas.Eng.Profile;

/// <summary>Refers in an assembly that is being written to what other assemblies define.</summary>
internal sealed class References(MetadataBuilder metadata, Assemblies assemblies)
{
    /// <summary>Where the compiler looks for the type that stands for every class in code that classes share.</summary>
    public const string CanonAssembly = "System.Private.Canon";

    /// <summary>Types that a signature names by one byte each, in the order of those.</summary>
    private static readonly string[] Simple =
    [
        "Boolean", "Char", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double",
        "String",
    ];

    private readonly Dictionary<string, AssemblyReferenceHandle> _assemblies = [];
    private readonly Dictionary<Definition, TypeReferenceHandle> _types = [];
    private readonly Dictionary<BlobHandle, TypeSpecificationHandle> _instances = [];
    private readonly Dictionary<(EntityHandle, StringHandle, BlobHandle), MemberReferenceHandle> _methods = [];

    /// <summary>Refers to <paramref name="type"/>.</summary>
    public TypeReferenceHandle Type(Definition type)
    {
        if (_types.TryGetValue(type, out var known))
            return known;

        var defined = type.Assembly.GetTypeDefinition(type.Type);
        EntityHandle scope = defined.IsNested
            ? Type(type with { Type = defined.GetDeclaringType() })
            : Assembly(AssemblyOf(type));
        return _types[type] = metadata.AddTypeReference(
            scope, Text(type.Assembly, defined.Namespace), Text(type.Assembly, defined.Name));
    }

    /// <summary>Refers to an instance of a generic type.</summary>
    /// <param name="signature">The instance as a signature has it.</param>
    public TypeSpecificationHandle Instance(BlobBuilder signature)
    {
        var blob = metadata.GetOrAddBlob(signature);
        return _instances.TryGetValue(blob, out var known)
            ? known
            : _instances[blob] = metadata.AddTypeSpecification(blob);
    }

    /// <summary>Refers to a method.</summary>
    /// <param name="parent">Its type, as it is referred to here.</param>
    /// <param name="assembly">What defines it.</param>
    /// <param name="method">Where in that.</param>
    /// <returns>Null when its signature has a type that is nowhere to be found, or of a rare kind.</returns>
    public MemberReferenceHandle? Method(EntityHandle parent, MetadataReader assembly, MethodDefinitionHandle method)
    {
        var defined = assembly.GetMethodDefinition(method);
        var signature = new BlobBuilder();
        var from = assembly.GetBlobReader(defined.Signature);
        if (!CopyMethod(assembly, ref from, signature))
            return null;

        var key = (parent, Text(assembly, defined.Name), metadata.GetOrAddBlob(signature));
        return _methods.TryGetValue(key, out var known)
            ? known
            : _methods[key] = metadata.AddMemberReference(key.parent, key.Item2, key.Item3);
    }

    /// <summary>Writes <paramref name="type"/> as a signature has it, without its arguments.</summary>
    public void Encode(Definition type, BlobBuilder to)
    {
        var defined = type.Assembly.GetTypeDefinition(type.Type);
        var simple = type.Assembly.GetString(defined.Namespace) == "System"
            ? Array.IndexOf(Simple, type.Assembly.GetString(defined.Name))
            : -1;
        if (simple >= 0)
        {
            to.WriteByte((byte)((int)SignatureTypeCode.Boolean + simple));
            return;
        }

        to.WriteByte((byte)(IsValue(type) ? SignatureTypeKind.ValueType : SignatureTypeKind.Class));
        to.WriteCompressedInteger(CodedIndex.TypeDefOrRef(Type(type)));
    }

    /// <summary>The name of the assembly to look for <paramref name="type"/> in.</summary>
    public static string AssemblyOf(Definition type) =>
        IsCanon(type) ? CanonAssembly : type.Assembly.GetString(type.Assembly.GetAssemblyDefinition().Name);

    private static bool IsCanon(Definition type)
    {
        var defined = type.Assembly.GetTypeDefinition(type.Type);
        return type.Assembly.StringComparer.Equals(defined.Name, "__Canon") &&
            type.Assembly.StringComparer.Equals(defined.Namespace, "System");
    }

    private bool IsValue(Definition type)
    {
        var (assembly, defined) = (type.Assembly, type.Assembly.GetTypeDefinition(type.Type));
        var parent = defined.BaseType switch
        {
            { IsNil: true } => null,
            { Kind: HandleKind.TypeDefinition } handle => new Definition(assembly, (TypeDefinitionHandle)handle),
            { Kind: HandleKind.TypeReference } handle => assemblies.Find(assembly, (TypeReferenceHandle)handle),
            _ => null,
        };
        if (parent is not { } known)
            return false;

        var ancestor = known.Assembly.GetTypeDefinition(known.Type);
        return known.Assembly.GetString(ancestor.Namespace) == "System" &&
            known.Assembly.GetString(ancestor.Name) is "ValueType" or "Enum";
    }

    private AssemblyReferenceHandle Assembly(string name)
    {
        if (_assemblies.TryGetValue(name, out var known))
            return known;

        return _assemblies[name] = metadata.AddAssemblyReference(
            metadata.GetOrAddString(name), new(0, 0, 0, 0), default, default, default, default);
    }

    private StringHandle Text(MetadataReader assembly, StringHandle text) =>
        metadata.GetOrAddString(assembly.GetString(text));

    /// <summary>Copies a signature (ECMA-335 II.23.2) but for the types in it, which have other numbers here.</summary>
    private bool CopyMethod(MetadataReader assembly, ref BlobReader from, BlobBuilder to)
    {
        var header = from.ReadSignatureHeader();
        to.WriteByte(header.RawValue);
        if (header.IsGeneric)
            CopyNumber(ref from, to);
        // What it returns comes before its parameters, and is not counted.
        return CopyTypes(CopyNumber(ref from, to) + 1, assembly, ref from, to);
    }

    private bool CopyType(MetadataReader assembly, ref BlobReader from, BlobBuilder to)
    {
        var code = from.ReadByte();
        to.WriteByte(code);
        switch ((SignatureTypeCode)code)
        {
            case SignatureTypeCode.Pointer or SignatureTypeCode.ByReference or SignatureTypeCode.SZArray:
                return CopyType(assembly, ref from, to);
            case SignatureTypeCode.RequiredModifier or SignatureTypeCode.OptionalModifier:
                return CopyToken(assembly, ref from, to) && CopyType(assembly, ref from, to);
            case (SignatureTypeCode)SignatureTypeKind.Class or (SignatureTypeCode)SignatureTypeKind.ValueType:
                return CopyToken(assembly, ref from, to);
            case SignatureTypeCode.GenericTypeInstance:
                to.WriteByte(from.ReadByte());
                return CopyToken(assembly, ref from, to) && CopyTypes(CopyNumber(ref from, to), assembly, ref from, to);
            case SignatureTypeCode.GenericTypeParameter or SignatureTypeCode.GenericMethodParameter:
                CopyNumber(ref from, to);
                return true;
            case SignatureTypeCode.Array or SignatureTypeCode.FunctionPointer:
                return false;
            default:
                return true;
        }
    }

    private bool CopyTypes(int count, MetadataReader assembly, ref BlobReader from, BlobBuilder to)
    {
        for (var i = 0; i < count; i++)
        {
            if (!CopyType(assembly, ref from, to))
                return false;
        }

        return true;
    }

    private bool CopyToken(MetadataReader assembly, ref BlobReader from, BlobBuilder to)
    {
        var handle = from.ReadTypeHandle();
        var definition = handle.Kind switch
        {
            HandleKind.TypeDefinition => new Definition(assembly, (TypeDefinitionHandle)handle),
            HandleKind.TypeReference => assemblies.Find(assembly, (TypeReferenceHandle)handle),
            _ => null,
        };
        if (definition is not { } type)
            return false;

        to.WriteCompressedInteger(CodedIndex.TypeDefOrRef(Type(type)));
        return true;
    }

    private static int CopyNumber(ref BlobReader from, BlobBuilder to)
    {
        var number = from.ReadCompressedInteger();
        to.WriteCompressedInteger(number);
        return number;
    }
}
