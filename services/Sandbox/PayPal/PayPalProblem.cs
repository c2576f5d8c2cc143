using System.Security.Cryptography;

namespace Aerona.Sandbox.PayPal;

/// <summary>A refusal in PayPal's words: thrown where it is found, turned into the answer at the desk, with everything rolled back.</summary>
internal sealed class PayPalProblem(int status, string name, string message, string? issue, string? description, string? pointer, string? value)
    : Exception(issue ?? name)
{
    public int Status => status;

    /// <summary>The body: name, message, debug_id, details with the issue, links.</summary>
    public object Body => new
    {
        name,
        message,
        debug_id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(7))[..13],
        details = issue is null ? null : new[] { new { field = pointer, value, location = pointer is null ? null : "body", issue, description } },
        links = new[] { new { href = $"https://developer.paypal.com/api/rest/reference/orders/v2/errors/#{issue ?? name}", rel = "information_link", method = "GET" } },
    };

    /// <summary>400: not well-formed.</summary>
    public static PayPalProblem Invalid(string issue, string? pointer, string? value = null) => new(
        400, "INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema.", issue, Says(issue), pointer, value);

    /// <summary>422: understood and refused.</summary>
    public static PayPalProblem Unprocessable(string issue, string? pointer = null, string? value = null) => new(
        422, "UNPROCESSABLE_ENTITY", "The requested action could not be performed, semantically incorrect, or failed business validation.", issue,
        Says(issue), pointer, value);

    public static PayPalProblem NotFound() => new(
        404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.", "INVALID_RESOURCE_ID", Says("INVALID_RESOURCE_ID"), null, null);

    public static PayPalProblem Unauthorized() => new(
        401, "AUTHENTICATION_FAILURE", "Authentication failed due to missing authorization header, or invalid authentication credentials.", null, null, null,
        null);

    public static PayPalProblem WrongMediaType() => new(
        415, "UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type.", null, null, null, null);

    public static PayPalProblem Busy() => new(429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.", null, null, null, null);

    public static PayPalProblem ServerError() => new(500, "INTERNAL_SERVER_ERROR", "An internal server error occurred.", null, null, null, null);

    private static string Says(string issue) => issue switch
    {
        "INVALID_RESOURCE_ID" => "Specified resource ID does not exist. Please check the resource ID and try again.",
        "MISSING_REQUIRED_PARAMETER" => "A required field / parameter is missing.",
        "INVALID_PARAMETER_SYNTAX" => "The value of a field does not conform to the expected format.",
        "INVALID_PARAMETER_VALUE" => "The value of a field is invalid.",
        "INVALID_STRING_LENGTH" => "The value of a field is either too short or too long.",
        "MALFORMED_REQUEST_JSON" => "The request JSON is not well formed.",
        "INVALID_CURRENCY_CODE" => "Currency code is invalid or is not currently supported.",
        "CANNOT_BE_ZERO_OR_NEGATIVE" => "Must be greater than zero.",
        "DECIMAL_PRECISION" => "The value of the field should not be more than the currency's number of decimal places.",
        "ORDER_NOT_APPROVED" => "Payer has not yet approved the Order for payment.",
        "ORDER_ALREADY_AUTHORIZED" => "Order already authorized. If 'intent=AUTHORIZE' only one authorization per order is allowed.",
        "ORDER_ALREADY_CAPTURED" => "Order already captured.",
        "ORDER_EXPIRED" => "Order is expired and hence cannot be authorized or captured.",
        "ACTION_DOES_NOT_MATCH_INTENT" => "Order was created with another intent than this action.",
        "INSTRUMENT_DECLINED" => "The instrument presented was either declined by the processor or bank, or it can't be used for this payment.",
        "TRANSACTION_REFUSED" => "PayPal's internal controls prevent authorization or capture from being performed.",
        "AUTHORIZATION_VOIDED" => "A voided authorization cannot be captured.",
        "AUTHORIZATION_DENIED" => "A denied authorization cannot be captured.",
        "PAYER_CANNOT_PAY" => "Payer cannot pay for this transaction. Please contact the payer to find other ways to pay for this transaction.",
        "REAUTHORIZATION_NOT_SUPPORTED" => "A reauthorize cannot be attempted on an authorization_id that is the result of a prior reauthorization.",
        "REAUTHORIZATION_TOO_SOON" => "A reauthorize is not allowed within the honor period of the authorization.",
        "CANNOT_BE_VOIDED" => "A reauthorization cannot be voided. Please void the original parent authorization.",
        "AUTH_CURRENCY_MISMATCH" => "The currency of a reauthorization must be that of the original authorization.",
        "AUTHORIZATION_EXPIRED" => "An expired authorization cannot be captured.",
        "AUTHORIZATION_ALREADY_CAPTURED" => "Authorization has already been captured.",
        "MAX_CAPTURE_AMOUNT_EXCEEDED" => "Capture amount exceeds allowable limit.",
        "PREVIOUSLY_CAPTURED" => "Authorization has been previously captured and hence cannot be voided.",
        "PREVIOUSLY_VOIDED" => "Authorization has been previously voided and hence cannot be voided again.",
        "CAPTURE_FULLY_REFUNDED" => "The capture has already been fully refunded.",
        "REFUND_AMOUNT_EXCEEDED" => "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
        _ => "See the API reference.",
    };
}
