using System.Net;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Server.Quotas;

namespace Barnabas.Server;

/// <summary>How fast one address may open connections (KIP-612). Owned by the acceptors' lane.</summary>
internal sealed class ConnectionRates(TimeProvider time, ClientQuotas? quotas)
{
    private const int Few = 1024;
    private readonly Dictionary<IPAddress, RateBucket> _buckets = [];
    private readonly Dictionary<IPAddress, double> _limits = [];
    private double? _standard;
    private PersistentMap<QuotaEntity, PersistentMap<string, double>>? _seen;
    private int _sweepAt = Few;

    /// <summary>Counts a connection of an address.</summary>
    /// <returns>Zero where it may come; else how long its address has to wait, a window at most.</returns>
    internal TimeSpan Open(IPAddress address)
    {
        if (quotas is null)
            return TimeSpan.Zero;
        if (!ReferenceEquals(quotas.Stored, _seen))
            Read(quotas.Stored);
        var from = Plain(address);
        if ((_limits.TryGetValue(from, out var own) ? own : _standard) is not { } limit)
            return TimeSpan.Zero;
        var wait = BucketOf(from, limit, quotas.Config.ClientWindow).TryTake(1);
        return wait < quotas.Config.LongestPause ? wait : quotas.Config.LongestPause;
    }

    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private RateBucket BucketOf(IPAddress address, double limit, TimeSpan window)
    {
        if (_buckets.TryGetValue(address, out var bucket))
        {
            bucket.Change(limit);
            return bucket;
        }

        if (_buckets.Count >= _sweepAt)
            Sweep();
        return _buckets[address] = new RateBucket(time, limit, window);
    }

    // A full bucket is as good as a new one.
    private void Sweep()
    {
        foreach (var (address, bucket) in _buckets)
        {
            if (bucket.IsFull)
                _buckets.Remove(address);
        }

        _sweepAt = Math.Max(Few, 2 * _buckets.Count);
    }

    private void Read(PersistentMap<QuotaEntity, PersistentMap<string, double>> stored)
    {
        (_seen, _standard) = (stored, null);
        _limits.Clear();
        foreach (var (entity, values) in stored)
        {
            if (!entity.TryGet(QuotaEntity.Ip, out var name)
                || !values.TryGetValue(QuotaKeys.ConnectionCreationRate, out var limit))
            {
                continue;
            }

            if (name is null)
                _standard = limit;
            else if (IPAddress.TryParse(name, out var address))
                _limits[Plain(address)] = limit;
        }
    }
}
