using Barnabas.Eng.Profile;

// Tells the compiler of eng/publish which generic methods some processes used: by itself it finds an instance of a
// generic only where one method plainly calls another, and the others would be compiled at each start.
if (args is not [var profile, .. { Length: > 0 } traces])
{
    Console.Error.WriteLine("usage: Profile OUT.mibc TRACE.nettrace...");
    return 2;
}

var runs = traces.Select(trace => new UsedMethods(TraceReader.Read(File.ReadAllBytes(trace), UsedMethods.Provider)));
var used = runs.ToList();
using var assemblies = new Assemblies([.. used.SelectMany(run => run.Directories).Distinct()]);
var writer = new ProfileWriter(assemblies);
foreach (var run in used)
{
    foreach (var method in run.Generic)
        writer.Add(run, method);
}

File.WriteAllBytes(profile, writer.Write(Path.GetFileNameWithoutExtension(profile)));
return 0;
