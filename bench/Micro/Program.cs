using Barnabas.Bench.Micro;

// Figures depend on the machine: read the ratios. Names of groups as arguments; none for all.
var groups = new (string Name, Action Run)[]
{
    ("crc", ChecksumBench.Run),
    ("records", RecordBench.Run),
    ("codecs", CodecBench.Run),
    ("checker", CheckerBench.Run),
    ("cluster", ClusterBench.Run),
};
foreach (var (name, run) in groups)
{
    if (args.Length == 0 || args.Contains(name))
        run();
}
