using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Barnabas.Eng.Profile;

/// <summary>A type where it is defined.</summary>
internal readonly record struct Definition(MetadataReader Assembly, TypeDefinitionHandle Type);

/// <summary>The metadata of the assemblies in some directories.</summary>
internal sealed class Assemblies(IReadOnlyCollection<string> directories) : IDisposable
{
    private readonly List<PEReader> _files = [];
    private readonly Dictionary<string, MetadataReader?> _open = [];
    private readonly Dictionary<MetadataReader, Dictionary<(string, string), EntityHandle>> _types = [];

    /// <summary>The assembly of that name; null when no directory has it.</summary>
    public MetadataReader? Open(string name)
    {
        if (_open.TryGetValue(name, out var known))
            return known;

        var path = directories.Select(directory => Path.Combine(directory, name + ".dll")).FirstOrDefault(File.Exists);
        if (path is null)
            return _open[name] = null;

        var file = new PEReader(File.OpenRead(path));
        _files.Add(file);
        return _open[name] = file.GetMetadataReader();
    }

    /// <summary>The type that <paramref name="assembly"/> refers to, behind all that forward it; null when it is
    /// nowhere.</summary>
    public Definition? Find(MetadataReader assembly, TypeReferenceHandle reference)
    {
        var type = assembly.GetTypeReference(reference);
        var (space, name) = (assembly.GetString(type.Namespace), assembly.GetString(type.Name));
        return type.ResolutionScope.Kind switch
        {
            HandleKind.AssemblyReference => Find(assembly, (AssemblyReferenceHandle)type.ResolutionScope, space, name),
            HandleKind.TypeReference => Find(assembly, (TypeReferenceHandle)type.ResolutionScope) is { } outer
                ? FindNested(outer, name)
                : null,
            _ => null,
        };
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private Definition? Find(MetadataReader from, AssemblyReferenceHandle reference, string space, string name)
    {
        if (Open(from.GetString(from.GetAssemblyReference(reference).Name)) is not { } assembly)
            return null;

        if (!_types.TryGetValue(assembly, out var types))
            _types[assembly] = types = TopTypes(assembly);
        return types.GetValueOrDefault((space, name)) switch
        {
            { Kind: HandleKind.TypeDefinition } type => new(assembly, (TypeDefinitionHandle)type),
            { Kind: HandleKind.AssemblyReference } to => Find(assembly, (AssemblyReferenceHandle)to, space, name),
            _ => null,
        };
    }

    private static Definition? FindNested(Definition outer, string name)
    {
        var (assembly, type) = outer;
        var found = assembly.GetTypeDefinition(type).GetNestedTypes()
            .FirstOrDefault(nested => assembly.StringComparer.Equals(assembly.GetTypeDefinition(nested).Name, name));
        return found.IsNil ? null : new(assembly, found);
    }

    /// <summary>By namespace and name what defines the type, or the assembly that it is forwarded to.</summary>
    private static Dictionary<(string, string), EntityHandle> TopTypes(MetadataReader assembly)
    {
        var types = new Dictionary<(string, string), EntityHandle>();
        foreach (var handle in assembly.TypeDefinitions)
        {
            var type = assembly.GetTypeDefinition(handle);
            if (!type.IsNested)
                types[(assembly.GetString(type.Namespace), assembly.GetString(type.Name))] = handle;
        }

        foreach (var type in assembly.ExportedTypes.Select(assembly.GetExportedType))
        {
            if (type.Implementation.Kind == HandleKind.AssemblyReference)
                types.TryAdd((assembly.GetString(type.Namespace), assembly.GetString(type.Name)), type.Implementation);
        }

        return types;
    }
}
