using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Rpc;

/// <summary>The first exchange on a connection: which versions does the peer serve? (KIP-35, KIP-511)</summary>
internal static class Handshake
{
    /// <summary>Asks in our newest version, and once more in the newest the peer names if it refuses that.</summary>
    public static async Task<VersionRanges> RunAsync(Peer peer, PeerOptions options)
    {
        var request = new ApiVersionsRequest
        {
            ClientSoftwareName = options.SoftwareName,
            ClientSoftwareVersion = options.SoftwareVersion,
        };
        var version = ApiVersionsRequest.LastVersion;
        var answer = await peer.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(
            request, version, options.SetupTimeout, Read);
        if (answer.ErrorCode == ErrorCode.UnsupportedVersion)
        {
            var own = answer.ApiKeys.Find(a => a.ApiKey == (short)ApiKey.ApiVersions);
            version = Math.Clamp(own?.MaxVersion ?? 0, ApiVersionsRequest.FirstVersion, (short)(version - 1));
            answer = await peer.AskAsync<ApiVersionsRequest, ApiVersionsResponse>(
                request, version, options.SetupTimeout, Read);
        }

        return answer.ErrorCode == ErrorCode.None
            ? new VersionRanges(answer)
            : throw new MalformedFrameException($"ApiVersions was answered with {answer.ErrorCode.KafkaName()}");
    }

    // A refused version is answered in version 0, whichever was asked; the error stands first in both.
    private static ApiVersionsResponse Read(ref WireReader reader, short version)
    {
        var probe = reader;
        if (BinaryPrimitives.ReadInt16BigEndian(probe.ReadSlice(2).Span) != (short)ErrorCode.UnsupportedVersion)
            return ApiVersionsResponse.Read(ref reader, version);
        probe = reader;
        reader.ReadSlice(reader.Remaining);
        try
        {
            return ApiVersionsResponse.Read(ref probe, 0);
        }
        catch (MalformedFrameException)
        {
            // Some peers write the refusal in no version at all; version 0 is then the one to ask in.
            return new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion };
        }
    }
}
