using System.Text;

namespace Barnabas.Http;

/// <summary>An answer.</summary>
/// <param name="Status">200, 404, 503, ...</param>
/// <param name="ContentType">The body's media type.</param>
/// <param name="Body">The body, which is the server's from now on.</param>
public sealed record HttpResponse(int Status, string ContentType, HttpBody Body)
{
    /// <summary>A line of text.</summary>
    public static HttpResponse Text(int status, string text) => Of(status, "text/plain; charset=utf-8", text + "\n");

    /// <summary>A JSON document, given as text.</summary>
    public static HttpResponse Json(int status, string json) => Of(status, "application/json", json + "\n");

    /// <summary>What a status is called.</summary>
    internal static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    };

    private static HttpResponse Of(int status, string contentType, string text)
    {
        var body = new HttpBody();
        var room = body.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        body.Advance(Encoding.UTF8.GetBytes(text, room));
        return new HttpResponse(status, contentType, body);
    }
}
