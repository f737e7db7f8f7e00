using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Audit;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Http;

/// <summary>A decoded body and the fields that were given twice in it.</summary>
internal readonly record struct DecodedBody(JsonObject Object, List<string> Duplicates);

/// <summary>Reads request bodies: JSON, YAML and protobuf, within the size limit.</summary>
internal static class BodyReader
{
    /// <summary>The largest body taken.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    public const string Json = "application/json";
    public const string Yaml = "application/yaml";

    /// <summary>What 415 answers list.</summary>
    public const string Accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    /// <summary>The whole body, which <see cref="BodyIntake"/> has received.</summary>
    public static ReadOnlyMemory<byte> Read(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<ReceivedBody>() is not { } body)
        {
            return default;
        }

        if (body.IsTooLarge)
        {
            throw ApiException.TooLarge(MaxBytes);
        }

        AuditTrail.Capture(request.HttpContext, body.Bytes);
        return body.Bytes;
    }

    /// <summary>The media type without parameters; JSON when there is none.</summary>
    public static string MediaType(HttpRequest request)
    {
        var type = request.ContentType;
        if (string.IsNullOrEmpty(type))
        {
            return Json;
        }

        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>Decodes an object; <paramref name="expectedKind"/> is only for the message.</summary>
    public static DecodedBody Decode(ReadOnlyMemory<byte> body, string mediaType, string expectedKind)
    {
        var duplicates = new List<string>();
        try
        {
            return mediaType switch
            {
                Json => new DecodedBody(JsonText.Parse(body, duplicates), duplicates),
                Yaml => new DecodedBody(YamlText.Parse(body) as JsonObject ?? throw new DecodeException("a YAML mapping is expected"), duplicates),
                ProtobufDecoder.MediaType => new DecodedBody(ProtobufDecoder.Decode(body.Span, KubeSchema.Default), duplicates),
                _ => throw ApiException.UnsupportedMediaType(Accepted),
            };
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest(mediaType == Json
                ? $"the object provided is unrecognized (must be of type {expectedKind}): couldn't get version/kind; json parse error: {e.Message} ({Excerpt(body.Span)})"
                : $"the object provided is unrecognized (must be of type {expectedKind}): {e.Message}");
        }
    }

    private static string Excerpt(ReadOnlySpan<byte> body)
    {
        const int Shown = 64;
        var text = System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, Shown)]);
        return body.Length > Shown ? text + " ..." : text;
    }
}
