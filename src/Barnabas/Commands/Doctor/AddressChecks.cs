using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Whether names resolve and somebody listens: at the addresses that were given, and at those that brokers
/// advertise.</summary>
internal static class AddressChecks
{
    private const int DefaultPort = 9092;

    /// <summary>Checks the addresses to begin with.</summary>
    /// <returns>True when somebody listens at one of them.</returns>
    public static async Task<bool> BootstrapAsync(
        IReadOnlyList<string> addresses, TimeSpan wait, List<Finding> findings, CancellationToken stop)
    {
        var reached = 0;
        foreach (var address in addresses)
        {
            var (host, port) = Split(address);
            var problem = await TryAsync(host, port, wait, stop);
            reached += problem is null ? 1 : 0;
            if (problem is not null)
            {
                findings.Add(new(
                    Verdict.Fail, "bootstrap", $"{address}: {problem}",
                    "start the broker (./barnabas start), or give its address with -b HOST:PORT"));
            }
        }

        if (reached > 0)
            findings.Add(new(Verdict.Ok, "bootstrap", $"{reached} of {addresses.Count} addresses answer"));
        return reached > 0;
    }

    /// <summary>Checks the addresses that brokers tell their clients.</summary>
    public static async Task AdvertisedAsync(
        IReadOnlyList<BrokerAddress> brokers, TimeSpan wait, List<Finding> findings, CancellationToken stop)
    {
        var reached = 0;
        var slowest = TimeSpan.Zero;
        foreach (var broker in brokers)
        {
            var started = Stopwatch.GetTimestamp();
            if (await TryAsync(broker.Host, broker.Port, wait, stop) is { } problem)
            {
                findings.Add(new(
                    Verdict.Fail, "advertised",
                    $"broker {broker.Id} says it is at {broker.Host}:{broker.Port}: {problem}",
                    $"set advertised.listeners of broker {broker.Id} to an address that can be reached from here"));
                continue;
            }

            reached++;
            var took = Stopwatch.GetElapsedTime(started);
            slowest = took > slowest ? took : slowest;
        }

        if (reached == brokers.Count)
        {
            findings.Add(new(Verdict.Ok, "advertised", string.Create(
                CultureInfo.InvariantCulture,
                $"{reached} of {brokers.Count} brokers can be reached, within {slowest.TotalMilliseconds:0} ms")));
        }
    }

    private static (string Host, int Port) Split(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address[(colon + 1)..], out var port)
            ? (address[..colon].Trim('[', ']'), port)
            : (address, DefaultPort);
    }

    /// <summary>Resolves a name and dials it.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    private static async Task<string?> TryAsync(string host, int port, TimeSpan wait, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(wait);
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, late.Token);
            if (found.Length == 0)
                return "the name has no address";
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(found, port, late.Token);
            return null;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name does not resolve",
                SocketError.ConnectionRefused => "nobody listens there",
                _ => fault.Message,
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }
}
