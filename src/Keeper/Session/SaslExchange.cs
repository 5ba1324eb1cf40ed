using Barnabas.Base;

namespace Barnabas.Keeper;

/// <summary>Logs in by SASL before anything else is asked: each token is a request of its own.</summary>
internal static class SaslExchange
{
    /// <summary>Runs the exchange; false when the server refuses, or cannot prove that it knows the password.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public static async Task<bool> RunAsync(Host host, Link link, DigestLogin login, Func<int> nextXid)
    {
        var digest = new DigestMd5(login, "zookeeper", "zk-sasl-md5", NewNonce(host));
        ReadOnlyMemory<byte>? token = ReadOnlyMemory<byte>.Empty;
        while (token is { } next)
        {
            if (await StepAsync(link, nextXid(), next) is not { IsOk: true } answer)
                return false;
            if (!digest.TryAnswer(answer.Value.Span, out token))
                return false;
        }

        return true;
    }

    private static async Task<KeeperAnswer<ReadOnlyMemory<byte>>?> StepAsync(
        Link link, int xid, ReadOnlyMemory<byte> token)
    {
        KeeperAnswer<ReadOnlyMemory<byte>>? answer = null;
        var w = new JuteWriter();
        w.WriteInt32(xid);
        w.WriteInt32((int)KeeperOp.Sasl);
        w.WriteBytes(token.Span);
        link.Send(new PendingRequest<ReadOnlyMemory<byte>>(
            xid, w.ToFrame(), static (ref r) => r.ReadBytes(), got => answer = got));
        while (answer is null)
        {
            if (!await link.ReadOneAsync())
                return null;
        }

        return answer;
    }

    private static string NewNonce(Host host)
    {
        Span<byte> bytes = stackalloc byte[24];
        host.Random.Fill(bytes);
        return Convert.ToBase64String(bytes);
    }
}
