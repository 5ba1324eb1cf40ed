using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>Steps of histories from what clients got.</summary>
internal static class Reads
{
    /// <summary>A record that was read.</summary>
    public static Step Of(Got got)
    {
        var key = Topics.KeyOf(got.Partition);
        return Step.Read(key, got.Content.Value, got.Offset) with
        {
            Home = got.Content.IsIntact ? got.Content.Home : key,
            IsIntact = got.Content.IsIntact,
        };
    }
}
