using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Barnabas.Base;

/// <summary>Certificates and keys in a file: PEM, or PKCS12 as keytool and openssl write it.</summary>
/// <remarks>What is in a file shows in its first bytes; what a config calls it counts for nothing, as Java's own JKS
/// reads PKCS12 too.</remarks>
public static class KeyStore
{
    private const int Largest = 16 << 20;
    private const string KeyLabel = "PRIVATE KEY-----";
    private const string EncryptedLabel = "BEGIN ENCRYPTED PRIVATE KEY";
    private const string PemBegin = "-----BEGIN ";

    /// <summary>Reads who we are: a certificate with its private key, and the certificates between it and its
    /// root.</summary>
    /// <param name="disk">The machine's disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="password">The password of the store, or of the key in a PEM file; null for none.</param>
    /// <exception cref="IOException">The file cannot be read, or holds no such thing.</exception>
    public static SslStreamCertificateContext ReadIdentity(IDisk disk, string path, string? password) =>
        Open(disk, path, bytes =>
        {
            var all = IsPem(bytes) ? IdentityOfPem(Encoding.UTF8.GetString(bytes), password) : Pkcs12(bytes, password);
            var own = all.FirstOrDefault(static certificate => certificate.HasPrivateKey)
                ?? throw new IOException($"{path} holds no private key");
            var others = new X509Certificate2Collection(all.Where(certificate => certificate != own).ToArray());
            return SslStreamCertificateContext.Create(own, others, offline: true);
        });

    /// <summary>Reads the certificates that are trusted.</summary>
    /// <param name="disk">The machine's disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="password">The password of the store; null for none.</param>
    /// <exception cref="IOException">The file cannot be read, or holds no certificate.</exception>
    public static X509Certificate2Collection ReadTrusted(IDisk disk, string path, string? password) =>
        Open(disk, path, bytes =>
        {
            var all = IsPem(bytes) ? CertificatesOf(Encoding.UTF8.GetString(bytes)) : Pkcs12(bytes, password);
            return all.Count > 0 ? all : throw new IOException($"{path} holds no certificate");
        });

    private static T Open<T>(IDisk disk, string path, Func<byte[], T> read)
    {
        using var file = disk.Open(path, OpenMode.Read);
        var length = file.Length;
        if (length > Largest)
            throw new IOException($"{path} is larger than a key store can be");
        var bytes = new byte[length];
        if (file.Read(0, bytes) < length)
            throw new IOException($"{path} changes while it is read");
        if (FormatOfJava(bytes) is { } format)
        {
            throw new IOException(
                $"{path} is of Java's format {format}, which only Java reads. Convert it: keytool -importkeystore "
                + $"-srckeystore {path} -destkeystore {Path.ChangeExtension(path, ".p12")} -deststoretype PKCS12");
        }

        try
        {
            return read(bytes);
        }
        catch (CryptographicException fault)
        {
            throw new IOException($"{path} cannot be read, or its password is another: {fault.Message}", fault);
        }
    }

    private static string? FormatOfJava(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith<byte>([0xfe, 0xed, 0xfe, 0xed]))
            return "JKS";
        return bytes.StartsWith<byte>([0xce, 0xce, 0xce, 0xce]) ? "JCEKS" : null;
    }

    private static bool IsPem(ReadOnlySpan<byte> bytes) => bytes.IndexOf(Encoding.ASCII.GetBytes(PemBegin)) >= 0;

    private static X509Certificate2Collection Pkcs12(byte[] bytes, string? password) =>
        X509CertificateLoader.LoadPkcs12Collection(bytes, password);

    private static X509Certificate2Collection CertificatesOf(string pem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        return all;
    }

    private static X509Certificate2Collection IdentityOfPem(string pem, string? password)
    {
        var all = CertificatesOf(pem);
        if (all.Count == 0 || !pem.Contains(KeyLabel, StringComparison.Ordinal))
            return all;
        all[0] = pem.Contains(EncryptedLabel, StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPem(pem, pem, password)
            : X509Certificate2.CreateFromPem(pem, pem);
        return all;
    }
}
