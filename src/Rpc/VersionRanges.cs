using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Rpc;

/// <summary>The versions of every API that a peer serves, and the features in force, as its ApiVersions answer listed
/// them.</summary>
/// <remarks>Immutable; safe to read from any lane.</remarks>
public sealed class VersionRanges
{
    private readonly (short Min, short Max)[] _byKey;
    private readonly Dictionary<string, short> _features;

    /// <summary>Takes the ranges out of an answer; keys out of [0, 1000) are of no interest and left out.</summary>
    public VersionRanges(ApiVersionsResponse answer)
    {
        _byKey = new (short, short)[1 + answer.ApiKeys.Select(a => (int)a.ApiKey).Where(Known).DefaultIfEmpty(0).Max()];
        Array.Fill(_byKey, ((short)0, (short)-1));
        foreach (var api in answer.ApiKeys.Where(a => Known(a.ApiKey)))
            _byKey[api.ApiKey] = (api.MinVersion, api.MaxVersion);
        _features = answer.FinalizedFeatures.DistinctBy(f => f.Name).ToDictionary(
            f => f.Name, f => f.MaxVersionLevel, StringComparer.Ordinal);
    }

    /// <summary>The range of one API; null where the peer does not serve it.</summary>
    public (short Min, short Max)? this[ApiKey key] =>
        (int)key < _byKey.Length && _byKey[(int)key].Max >= 0 ? _byKey[(int)key] : null;

    /// <summary>The APIs that are served, by key.</summary>
    public IEnumerable<(ApiKey Key, short Min, short Max)> All =>
        _byKey.Select((r, key) => ((ApiKey)key, r.Min, r.Max)).Where(r => r.Max >= 0);

    /// <summary>The level of a feature that was in force in the cluster when the connection was made
    /// (KIP-584).</summary>
    /// <returns>The level; 0 where the feature is not in force, or the peer does not say.</returns>
    public short LevelOf(string feature) => _features.GetValueOrDefault(feature);

    /// <summary>The newest version of a message that both sides speak.</summary>
    /// <param name="key">The API.</param>
    /// <param name="first">The oldest version wanted.</param>
    /// <param name="last">The newest version wanted.</param>
    /// <param name="version">The version; -1 where there is none.</param>
    public bool TryChoose(ApiKey key, short first, short last, out short version)
    {
        version = -1;
        if (this[key] is not var (min, max) || Math.Min(max, last) < Math.Max(min, first))
            return false;
        version = Math.Min(max, last);
        return true;
    }

    private static bool Known(short key) => Known((int)key);

    private static bool Known(int key) => key is >= 0 and < 1000;
}
