"""The three attributes of SOAP 1.1 that a TransactionID may carry, as a schema of our own for the schemas to import.

No more of SOAP is in it: envelopes are not validated with it (SOAP 1.1 §4.1.1, §4.2.2, §4.2.3).
"""

from gateway.mm7.versions import SOAP_11

#: Its name beside the other files.
NAME = "soap-attributes.xsd"

SOURCE = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{SOAP_11}">
  <xs:annotation>
    <xs:documentation>The attributes of SOAP 1.1 that MM7's TransactionID may carry.</xs:documentation>
  </xs:annotation>
  <xs:attribute name="mustUnderstand">
    <xs:simpleType>
      <xs:restriction base="xs:boolean">
        <xs:pattern value="[01]"/>
      </xs:restriction>
    </xs:simpleType>
  </xs:attribute>
  <xs:attribute name="actor" type="xs:anyURI"/>
  <xs:attribute name="encodingStyle">
    <xs:simpleType>
      <xs:list itemType="xs:anyURI"/>
    </xs:simpleType>
  </xs:attribute>
</xs:schema>
"""
