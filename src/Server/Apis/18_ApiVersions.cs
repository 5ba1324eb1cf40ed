using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server;

/// <summary>Tells what this node speaks (KIP-35) and the features of the cluster (KIP-584), and takes note of what
/// the client says it is (KIP-511).</summary>
/// <param name="apis">What is served.</param>
/// <param name="features">The features at the time of the question; called on any connection's lane.</param>
public sealed class ApiVersionsApi(ApiTable apis, Func<Features> features)
    : IApiHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    /// <inheritdoc/>
    public Pending<ApiVersionsResponse> Handle(RequestContext context, ApiVersionsRequest request)
    {
        if (context.Version >= 3)
        {
            if (!IsName(request.ClientSoftwareName) || !IsName(request.ClientSoftwareVersion))
                return new ApiVersionsResponse { ErrorCode = ErrorCode.InvalidRequest };
            context.Connection.SoftwareName = request.ClientSoftwareName;
            context.Connection.SoftwareVersion = request.ClientSoftwareVersion;
        }

        return Answer(context, features());
    }

    private ApiVersionsResponse Answer(RequestContext context, Features features)
    {
        var answer = new ApiVersionsResponse { FinalizedFeaturesEpoch = features.FinalizedEpoch };
        foreach (var api in apis.ServedAt(context.Connection.Listener))
        {
            answer.ApiKeys.Add(new ApiVersionsResponse.ApiVersion
            {
                ApiKey = (short)api.Key,
                MinVersion = api.Advertised.First,
                MaxVersion = api.Advertised.Last,
            });
        }

        foreach (var (name, range) in features.Supported)
        {
            // Clients before version 4 fail on a range that begins at 0 (KAFKA-17011).
            if (context.Version < 4 && range.First == 0)
                continue;
            answer.SupportedFeatures.Add(new ApiVersionsResponse.SupportedFeatureKey
            {
                Name = name,
                MinVersion = range.First,
                MaxVersion = range.Last,
            });
        }

        foreach (var (name, level) in features.Finalized)
        {
            if (level == 0)
                continue;
            answer.FinalizedFeatures.Add(new ApiVersionsResponse.FinalizedFeatureKey
            {
                Name = name,
                MinVersionLevel = level,
                MaxVersionLevel = level,
            });
        }

        return answer;
    }

    // Letters and digits, and between them also dashes and dots.
    private static bool IsName(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
                return false;
        }

        return true;
    }
}
