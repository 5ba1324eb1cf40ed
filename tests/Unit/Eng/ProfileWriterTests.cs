using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Barnabas.Eng.Profile;

namespace Barnabas.Tests.Unit.Eng;

/// <summary>The profiles that are written can be loaded as the assemblies they are, and name what was traced.</summary>
public sealed class ProfileWriterTests
{
    private sealed class Pair<TKey, TValue>
    {
        public static Task<TValue> Both(in TKey key, ref TValue[] values, Task<(TKey, List<TValue>)> later) =>
            Task.FromResult(key is null || later.IsCompleted ? values[0] : values[1]);

        public sealed class Inner
        {
            public static string Of<TMore>(TKey key, TValue value, TMore more) => $"{key} {value} {more}";
        }
    }

    private static class Plain
    {
        public static T Same<T>(T value, nint number, object any) => number == 0 || any is null ? value : value;
    }

    public static TheoryData<MethodInfo> Methods => new(
        Method(typeof(List<int>), "Add"),
        Method(typeof(Dictionary<string, DayOfWeek>), "TryGetValue"),
        Method(typeof(Pair<long, TimeSpan?>), "Both"),
        Method(typeof(Pair<int, (string, Guid)>.Inner), "Of").MakeGenericMethod(typeof(byte[])),
        Method(typeof(Plain), "Same").MakeGenericMethod(typeof(KeyValuePair<nint, object>)));

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_generic_method_is_named(MethodInfo method)
    {
        var trace = new TraceOf();
        trace.Add(method);
        trace.Add(method);

        Assert.Equal([method], Named(Write(trace)));
    }

    [Fact]
    public void A_method_stands_with_those_of_the_same_assemblies()
    {
        var trace = new TraceOf();
        trace.Add(Method(typeof(List<DayOfWeek>), "Add"));
        trace.Add(Method(typeof(List<TraceEvent>), "Add"));
        trace.Add(Method(typeof(List<int>), "Add"));

        Assert.Equal(["System.Private.CoreLib;", "System.Private.CoreLib;Barnabas.Eng.Profile;"], Groups(Write(trace)));
    }

    [Fact]
    public void The_type_that_stands_for_every_class_is_where_the_compiler_looks_for_it()
    {
        var trace = new TraceOf();
        trace.Add(Method(typeof(List<>).MakeGenericType(typeof(object).Assembly.GetType("System.__Canon")!), "Add"));
        using var file = new PEReader(new MemoryStream(Write(trace)));
        var reader = file.GetMetadataReader();

        var canon = reader.TypeReferences.Select(reader.GetTypeReference)
            .Single(type => reader.StringComparer.Equals(type.Name, "__Canon"));
        var assembly = reader.GetAssemblyReference((AssemblyReferenceHandle)canon.ResolutionScope);
        Assert.Equal("System.Private.Canon", reader.GetString(assembly.Name));
    }

    [Fact]
    public void What_is_not_generic_or_not_known_is_left_out()
    {
        var trace = new TraceOf();
        trace.Add(Method(typeof(string), "IsNullOrEmpty"));
        trace.Add(new UsedMethod(4711, 0x06000001, [4712]));

        Assert.Empty(Named(Write(trace)));
    }

    private static MethodInfo Method(Type type, string name) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance).Single(m => m.Name == name);

    private static byte[] Write(TraceOf trace)
    {
        var used = new UsedMethods(trace.Events);
        using var assemblies = new Assemblies(used.Directories);
        var writer = new ProfileWriter(assemblies);
        foreach (var method in used.Generic)
            writer.Add(used, method);
        return writer.Write("profile");
    }

    private static List<string> Groups(byte[] profile)
    {
        var dictionary = Assembly.Load(profile).ManifestModule.GetMethod("AssemblyDictionary")!;
        var code = dictionary.GetMethodBody()!.GetILAsByteArray()!;
        return [.. code.Chunk(11).SkipLast(1).Select(c => dictionary.Module.ResolveString(BitConverter.ToInt32(c, 1)))];
    }

    private static List<MethodBase?> Named(byte[] profile)
    {
        var module = Assembly.Load(profile).ManifestModule;
        var groups = module.GetMethods().Where(method => method.Name != "AssemblyDictionary");
        return
        [
            .. groups.SelectMany(group => group.GetMethodBody()!.GetILAsByteArray()!.Chunk(6).SkipLast(1))
                .Select(named => module.ResolveMethod(BitConverter.ToInt32(named, 1))),
        ];
    }
}
