using System.Security.Cryptography;

namespace Sealos.ApiServer.Registry;

/// <summary>Names from generateName: the base and five random characters that cannot form words.</summary>
internal static class NameGenerator
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int SuffixLength = 5;
    private const int MaxBase = 63 - SuffixLength;

    public static string Generate(string baseName) =>
        (baseName.Length > MaxBase ? baseName[..MaxBase] : baseName) + Suffix();

    public static string Suffix() => RandomNumberGenerator.GetString(Alphabet, SuffixLength);
}
